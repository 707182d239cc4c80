"""How is a text compared: small letters without accents, cut into words?

What is indexed and what is asked for pass through the same function, so that Æther, AETHER and aether are one word.
"""

from __future__ import annotations

import re
import unicodedata

LONGEST = 24  # letters of a word that count; what is longer is cut, here and there alike
_LETTERS = str.maketrans({
    "ß": "ss", "ẞ": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "þ": "th", "ı": "i", "ħ": "h",
})  # fmt: skip
_WORD = re.compile(r"[^\W_]+")


def folded(text: str) -> str:
    """The text in small letters, without accents."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    return "".join(c for c in plain if not unicodedata.combining(c))


def words(text: str) -> list[str]:
    """Its words, in order, each once; a word of an initial or two, as in S.A.R.L., is put together."""
    joined = re.sub(r"\b(\w)\.(?=\w\b)", r"\1", folded(text))
    return list(dict.fromkeys(word[:LONGEST] for word in _WORD.findall(joined)))
