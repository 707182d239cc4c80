"""What do the fields of a firm's record say, once spelling, legal forms and forms of writing are set aside?

Every function here turns the text of one field into what can be compared: it never fails on a value, and gives None
for one that says nothing ("n/a", a mail provider's domain, a telephone number of three digits).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import phonenumbers
import yaml
from anyascii import anyascii
from babel import Locale
from cleanco import termdata

FILE = Path(__file__).with_name("same_firm_words.yaml")
TRANSLATIONS = Path(__file__).with_name("same_firm_translations.yaml")
_LANGUAGES = ("en", "fr", "de", "es", "it", "pt", "nl", "pl", "sv")
_WORD = re.compile(r"[a-z0-9]+")
_POSSESSIVE = re.compile(r"['’`´](?=s\b)|(?<=\b[dl])['’`´]", re.IGNORECASE)
_UMLAUTS = re.compile(r"ae|oe|ue|aa")
_NOTHING = frozenset(
    {"", "na", "none", "null", "nil", "nan", "unknown", "inconnu", "unbekannt", "no", "yes", "tbd", "xxx", "test", "0"}
)
_LONGEST_FORM = 6
_EASTERN_FORMS = re.compile(
    "株式会社|有限会社|合同会社|合資会社|㈱|㈲|（株）|\\(株\\)|股份有限公司|有限责任公司|有限責任公司|有限公司|集团|集團|주식회사|유한회사|㈜|\\(주\\)"
)


@dataclass(frozen=True)
class Words:
    """The word lists, folded."""

    forms: frozenset[tuple[str, ...]]
    joining: frozenset[str]
    common: frozenset[str]
    ways: frozenset[str]
    street_ends: tuple[str, ...]
    shared_domains: frozenset[str]
    second_levels: frozenset[str]


@cache
def words() -> Words:
    """Reads `same_firm_words.yaml`, and the legal forms that cleanco knows."""
    listed = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    known = {
        t for group in (termdata.terms_by_type, termdata.terms_by_country) for terms in group.values() for t in terms
    }
    forms = {tuple(_joined(_WORD.findall(fold(form)))) for form in (*listed["legal_forms"], *known)}
    return Words(
        frozenset(f for f in forms if f),
        frozenset(map(fold, listed["joining"])),
        frozenset(map(fold, listed["common"])),
        frozenset(map(fold, listed["ways"])),
        tuple(sorted({fold(e) for e in listed["street_ends"]}, key=lambda e: (-len(e), e))),
        frozenset(listed["shared_domains"]),
        frozenset(listed["second_levels"]),
    )


@cache
def meaning() -> dict[str, tuple[str, ...]]:
    """What words of organisations and names of countries are in English, and in full where they are shortened."""
    found: dict[str, tuple[str, ...]] = {}
    english = Locale("en").territories
    for language in _LANGUAGES[1:]:
        for code, name in Locale(language).territories.items():
            if len(code) == 2 and len(theirs := _WORD.findall(fold(name))) == 1:
                found.setdefault(theirs[0], tuple(_WORD.findall(fold(english.get(code, name)))))
    for word, others in yaml.safe_load(TRANSLATIONS.read_text(encoding="utf-8")).items():
        found |= {_spelt(other): tuple(map(_spelt, word.split())) for other in others}
        found.pop(_spelt(word), None)
    return found


def _spelt(word: str) -> str:
    """ä, ae and a are one letter: people write all three."""
    return _UMLAUTS.sub(lambda m: m[0][0], word) if len(word) > 3 else word


def fold(text: str) -> str:
    """Latin letters without accents, lower case: "Müller & Söhne" and "MULLER & SOHNE" are alike, "Москва" is "moskva"."""
    if text.isascii():
        return text.lower()
    return anyascii(unicodedata.normalize("NFKC", text)).lower()


def is_nothing(text: str | None) -> bool:
    """Does a cell say that nothing is known?"""
    return text is None or "".join(_WORD.findall(fold(text))) in _NOTHING


@dataclass(frozen=True, slots=True)
class Name:
    """A firm's name: the words in their order without the legal form, the form, its initials; the words in English, in full."""

    words: tuple[str, ...]
    form: str | None
    initials: str
    meant: tuple[str, ...]

    @property
    def core(self) -> str:
        return " ".join(self.words)


@lru_cache(maxsize=20_000)
def name_of(text: str) -> Name | None:
    """Reads a name; None if it says nothing. A name that is nothing but a legal form keeps it."""
    if not text.isascii():
        text = _EASTERN_FORMS.sub(" ", text)
    found = _joined(_WORD.findall(_POSSESSIVE.sub("", fold(text))))
    if not found or "".join(found) in _NOTHING:
        return None
    core, form = _without_form(found)
    joining = words().joining
    kept = [w for w in core if w not in joining] or core
    spelt = tuple(map(_spelt, kept))
    initials = "".join(w[0] for w in kept) if len(kept) > 2 else ""
    return Name(spelt, form, initials, tuple(m for w in spelt for m in meaning().get(w, (w,))))


def _joined(found: Sequence[str]) -> list[str]:
    """Single letters one after the other are one word: s a r l is sarl."""
    out: list[str] = []
    run: list[str] = []
    for word in found:
        if len(word) == 1 and word.isalpha():
            run.append(word)
            continue
        if run:
            out.append("".join(run))
            run = []
        out.append(word)
    if run:
        out.append("".join(run))
    return out


def _without_form(found: list[str]) -> tuple[list[str], str | None]:
    """Legal forms taken from the end, as often as there is one, and then from the beginning."""
    forms, joining = words().forms, words().joining
    core, taken = list(found), []
    cut = True
    while cut and len(core) > 1:
        cut = False
        for length in range(min(_LONGEST_FORM, len(core) - 1), 0, -1):
            if tuple(core[-length:]) in forms:
                taken.append("".join(core[-length:]))
                del core[-length:]
                cut = True
                break
        while cut and len(core) > 1 and core[-1] in joining:
            del core[-1]
    if not taken:
        for length in range(min(_LONGEST_FORM, len(core) - 1), 0, -1):
            if tuple(core[:length]) in forms and (length > 1 or len(core[0]) > 1):
                taken.append("".join(core[:length]))
                del core[:length]
                break
    return core, ("".join(reversed(taken)) or None)


@dataclass(frozen=True, slots=True)
class Address:
    """House number, first word of the street, all its words, and a postcode that stood in the address."""

    number: str | None
    street: str | None
    whole: str | None
    postcode: str | None


_NOWHERE = Address(None, None, None, None)
_POST_BOX = re.compile(
    r"\b(?:p\.?\s?o\.?\s?box|postfach|boite postale|bp|casella postale|apartado(?: de correos)?)\s*(\d+)", re.IGNORECASE
)
_NUMBER = re.compile(r"\d+[a-z]?$")
_ORDINAL = re.compile(r"(\d+)(st|nd|rd|th)$")


@lru_cache(maxsize=20_000)
def address_of(text: str) -> Address:
    """Reads number and street from a free address: number first or last, in several countries' ways."""
    text = fold(text)
    box = _POST_BOX.search(text)
    if box:
        return Address(box[1], "pobox", "pobox", None)
    ways = words().ways | words().joining
    parts = [_WORD.findall(part.replace("'", " ")) for part in re.split(r"[,;\n|]| - ", text)]
    parts = [part for part in parts if part]
    if not parts:
        return _NOWHERE
    line = next(
        (
            p
            for p in parts
            if any(_NUMBER.match(w) for w in p)
            and any(w not in ways and len(w) > 1 and not _NUMBER.match(w) for w in p)
        ),
        None,
    )
    if line is None:
        line = [w for part in parts[:2] for w in part]
    number = _house_number(line)
    named = [_street_word(w) for w in line if w != number and w not in ways and not _NUMBER.match(w)]
    named = (
        [w for w in named if w]
        or [_street_word(w) for w in line if w != number and w not in ways]
        or [w for w in line if w != number]
    )
    rest = [w for part in parts for w in part]
    postcode = next((w for w in rest[1:] if len(w) == 5 and w.isdigit() and w != number), None)
    digits = number.rstrip("abcdefghijklmnopqrstuvwxyz").lstrip("0") if number else None
    first = next((w for w in named if len(w) > 1), named[0] if named else None)
    return Address(digits or None, first, "".join(named) or None, postcode)


def _house_number(line: Sequence[str]) -> str | None:
    """The first number, unless it is a postcode behind and another one stands before it."""
    numbers = [w for w in line if _NUMBER.match(w)]
    if not numbers:
        return None
    short = [w for w in numbers if len(w) < 5]
    return numbers[0] if numbers[0] == line[0] or not short else short[0]


@cache
def _street_word(word: str) -> str:
    """45th is 45, Hauptstraße is haupt."""
    ordinal = _ORDINAL.match(word)
    if ordinal:
        return ordinal[1]
    for end in words().street_ends:
        if word.endswith(end) and len(word) > len(end) + 2:
            return word[: -len(end)]
    return word


def postcode_of(text: str) -> str | None:
    """Letters and digits; of an American postcode the first five digits."""
    bare = "".join(_WORD.findall(fold(text)))
    if len(bare) == 9 and bare.isdigit():
        bare = bare[:5]
    return bare if any(c.isdigit() for c in bare) and 3 <= len(bare) <= 10 else None


@lru_cache(maxsize=20_000)
def place_of(text: str) -> str | None:
    """A town's name without what follows it for the post."""
    found = [w for w in _WORD.findall(fold(text)) if w not in {"cedex"} and not w.isdigit()]
    found = ["saint" if w in {"st", "ste", "sainte"} else w for w in found]
    return " ".join(_UMLAUTS.sub(lambda m: m[0][0], w) for w in found) or None


_PHONE_MARKS = re.compile(r"(?:ext\.?|x|poste|durchwahl|dw|#)\s*\d+\s*$", re.IGNORECASE)


def phone_of(text: str, country: str | None) -> str | None:
    """The national significant number, digits only; at least six of them.

    With a country code, or a country beside it, phonenumbers reads it; otherwise leading zeros are set aside, so that
    +33 1 23 45 67 89 and 01 23 45 67 89 are one number.
    """
    text = _PHONE_MARKS.sub(
        "", text.split("/", maxsplit=1)[0] if text.count("/") == 1 and text.index("/") > 7 else text
    ).replace("(0)", "")
    digits = "".join(c for c in text if c.isdigit())
    if len(digits) < 6 or len(set(digits)) == 1:
        return None
    international = text.strip().startswith("+") or digits.startswith("00")
    if international or country:
        try:
            read = phonenumbers.parse(("+" + digits.removeprefix("00")) if international else digits, country)
        except phonenumbers.NumberParseException:
            pass
        else:
            return str(read.national_number)
    bare = digits.lstrip("0")
    return bare[1:] if len(bare) == 11 and bare[0] == "1" else bare or None


@lru_cache(maxsize=20_000)
def domain_of(text: str) -> str | None:
    """The domain that a firm registered, of a web address or an e-mail address; None for those that many share."""
    host = text.strip().lower().rpartition("@")[2]
    host = re.sub(r"^[a-z]+:/*", "", host)
    host = re.split(r"[/?#:\s]", host)[0].strip(".").removeprefix("www.")
    labels = host.split(".")
    if len(labels) < 2 or not all(labels) or (not labels[-1].isalpha() and not labels[-1].startswith("xn--")):
        return None
    if host in words().shared_domains or ".".join(labels[-2:]) in words().shared_domains:
        return None
    keep = 3 if len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in words().second_levels else 2
    found = ".".join(labels[-keep:])
    return None if found in words().shared_domains else found


@lru_cache(maxsize=10_000)
def country_of(text: str) -> str | None:
    """The ISO 3166-1 code of two letters, from a code or a name; a name that nobody knows is kept as it is, folded."""
    text = text.strip()
    plain = " ".join(_WORD.findall(fold(text)))
    return _countries().get(plain) or (text.upper() if len(text) == 2 and text.isalpha() else plain) or None


@cache
def _countries() -> dict[str, str]:
    found = {"usa": "US", "u s a": "US", "united states of america": "US", "uk": "GB", "u k": "GB", "great britain": "GB", "england": "GB",
             "scotland": "GB", "wales": "GB", "northern ireland": "GB", "uae": "AE", "holland": "NL", "czech republic": "CZ", "korea": "KR"}  # fmt: skip
    for language in _LANGUAGES:
        for code, name in Locale(language).territories.items():
            if len(code) == 2 and code.isalpha():
                found.setdefault(" ".join(_WORD.findall(fold(name))), code)
    return found
