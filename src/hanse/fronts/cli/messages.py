"""`python -m hanse.fronts.cli.messages`: brings the catalogues up to date with the messages in the code.

Messages are the arguments of `say`, `many`, `mark` and `mark_many` in code, of the tags `say` and `many` in templates,
and the sentences about bad rows. New ones are added to each catalogue without a translation, those that are gone are
taken out, and the compiled catalogues are written.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from hanse.decisions.mistakes import SENTENCES
from hanse.language.words import DOMAIN, LANGUAGES, LOCALE

_KEYWORDS = {"say": (1,), "many": (1, 2), "mark": (1,), "mark_many": (1, 2)}
_SPEAKS = (
    "from hanse.language.words import",
    "from hanse.fronts.pages",
)  # what a module with messages says at its head
_TEXT = r"""("[^"]*"|'[^']*')"""
_TAG = re.compile(rf"{{%\s*(?:say\s+{_TEXT}|many\s+{_TEXT}\s+{_TEXT})")
_DATED = datetime(2017, 1, 1, tzinfo=UTC)  # a catalogue is the same whenever it is written


def messages() -> Catalog:
    """Every message of the code, in order."""
    found: set[tuple[str, ...] | str] = {text for pair in SENTENCES.values() for text in pair}
    for path in sorted(LOCALE.parent.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if any(speaks in text for speaks in _SPEAKS):
            read = [m for _, m, _, _ in extract_from_file("python", path, keywords=_KEYWORDS)]
            found |= {m for m in read if m and (isinstance(m, str) or all(m))}
    for path in sorted(LOCALE.parent.rglob("templates/**/*.html")):
        found |= set(in_template(path.read_text(encoding="utf-8")))
    catalogue = Catalog(domain=DOMAIN, project="Hanse", creation_date=_DATED, charset="utf-8")
    for message in sorted(found, key=lambda m: m if isinstance(m, str) else m[0]):
        catalogue.add(message)
    return catalogue


def in_template(text: str) -> Iterator[str | tuple[str, str]]:
    """What the tags `say` and `many` of a template say."""
    for one, single, several in _TAG.findall(text):
        yield one[1:-1] if one else (single[1:-1], several[1:-1])


def path_of(language: str, ending: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / f"{DOMAIN}.{ending}"


def current(language: str) -> Catalog:
    """A language's catalogue as it should be: the messages of the code, the translations there are."""
    path = path_of(language, "po")
    old = read_po(io.BytesIO(path.read_bytes()), locale=language, domain=DOMAIN) if path.exists() else Catalog()
    new = Catalog(
        locale=language,
        domain=DOMAIN,
        project="Hanse",
        version="1",
        creation_date=_DATED,
        revision_date=_DATED,
        charset="utf-8",
        fuzzy=False,
        header_comment=f"# The messages of Hanse in {language}. `make messages` keeps them current.",
        last_translator="Hanse",
        language_team="Hanse",
        copyright_holder="Hanse",
        msgid_bugs_address="the project",
    )
    for message in messages():
        if message.id:
            known = old.get(message.id if isinstance(message.id, str) else message.id[0])
            new.add(message.id, known.string if known is not None and known.id == message.id else None)
    return new


def text_of(catalogue: Catalog) -> bytes:
    """The catalogue as its .po file."""
    out = io.BytesIO()
    write_po(out, catalogue, width=110, no_location=True, omit_header=False, sort_output=True)
    return out.getvalue()


def compiled(catalogue: Catalog) -> bytes:
    """The catalogue as its .mo file."""
    out = io.BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()


def untranslated(catalogue: Catalog) -> list[str]:
    """The messages that have no translation yet."""
    return [str(m.id) for m in catalogue if m.id and not (all(m.string) if isinstance(m.string, tuple) else m.string)]


def main() -> int:
    """Writes every catalogue; says on standard error what is still to be translated, and returns how much."""
    missing = 0
    for language in sorted(set(LANGUAGES) - {"en"}):
        catalogue = current(language)
        path_of(language, "po").write_bytes(text_of(catalogue))
        path_of(language, "mo").write_bytes(compiled(catalogue))
        for message in untranslated(catalogue):
            missing += 1
            sys.stderr.write(f"{path_of(language, 'po').relative_to(LOCALE.parent)}: not translated: {message}\n")
    return min(missing, 1)


if __name__ == "__main__":
    sys.exit(main())
