"""How is an import told: its states, what is asked about a file, what was refused and why?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from hanse.apps.imports import kinds, refusals
from hanse.fronts.desk import column_words
from hanse.language.problems import Problem
from hanse.language.words import mark

if TYPE_CHECKING:
    from hanse.language.words import Words

STATES = {
    "waiting": mark("waits to be recorded"),
    "done": mark("recorded"),
    "undone": mark("undone"),
    "dropped": mark("given up"),
}
UPLOAD_STATES = {
    "looking": mark("being read"),
    "asked": mark("asks something"),
    "ready": mark("ready to be imported"),
    "importing": mark("being imported"),
    "failed": mark("cannot go on"),
    "done": mark("imported"),
}
STOPPED = mark("interrupted")
FORMS = {
    "dates": (("ymd", mark("year first: 2017-06-30")), ("dmy", mark("day first: 30.06.2017")),
              ("mdy", mark("month first: 06/30/2017"))),
    "decimals": (("point", mark("decimal point: 1,234.56")), ("comma", mark("decimal comma: 1.234,56"))),
}  # fmt: skip
WRITTEN = dict(FORMS["dates"]) | dict(FORMS["decimals"]) | {"plain": mark("plain number")}
_PROGRESS = (
    mark("reading"), mark("checking"), mark("recording {table}"), mark("judging the partners touched"),
)  # fmt: skip
_KINDS = {
    "missing": mark("missing"), "not_a_day": mark("not a day"), "not_a_moment": mark("not a moment"),
    "not_a_number": mark("not a number"), "too_precise": mark("too many decimals"), "too_large": mark("too large"),
    "ends_before_start": mark("ends before it begins"), "unknown_country": mark("no such country"),
    "unknown_currency": mark("no such currency"), "not_a_share": mark("not a share"),
    "erased": mark("erased on request"),
    "not_whole": mark("not a whole number"), "too_long": mark("too long"), "twice_in_file": mark("twice in the file"),
    "malformed": mark("not a row"),
}  # fmt: skip
_WHYS = (
    mark("every row needs it, and no heading says {column}"),
    mark("{one!r} and {other!r} could be it alike"),
    mark("the headings fit {table} and {other} alike"),
    mark("the headings fit none of the tables"),
    mark("no column says it"),
    mark("{example!r} and all the others could be read both ways"),
    mark("{one!r} begins with the day, {other!r} with the month"),
    mark("{example!r} could be read both ways"),
)
_PROBLEMS = (
    mark("nothing is left to import"), mark("every sheet is left out or empty"), mark("choose a table for one"),
    mark("the file is no longer kept"), mark("it was cleared away, or named an erased person"),
    mark("drop it once more"),
    mark("it is being worked on"), mark("what goes on cannot be given up"),
    mark("wait until it is done; an import is taken back with undo"),
    mark("no row has been changed"), mark("what reads as before would be refused again"),
    mark("mend a row, then import it"), mark("this step has passed, or has not come yet"), mark("the file is {state}"),
    mark("go back to the list of imports, and take it up from there"),
    mark("it cannot be imported again from here"), mark("it counts already, or its file is no longer kept"),
    mark("drop the file itself"), mark("there are no rows"), mark("nothing stands at the top"),
    mark("a quote is opened here and never closed"), mark("all that follows would be one field"),
    mark("close the quote, or write a quote inside a field twice"), mark("most lines are no rows"),
    mark("they have other fields than the headings, or wrong quotes"),
    mark("look at the delimiter and the quotes; export the file again"),
    mark("the workbook is locked with a password"), mark("nothing can be read"), mark("save it without one"),
    mark("the file is no workbook that can be read"), mark("save it as .xlsx or CSV"), mark("the workbook has no rows"),
    mark("every sheet is empty"), mark("give a workbook with headings and rows"),
    mark("the Parquet file cannot be read"), mark("write the file again"),
    mark("it has been taken back already"), mark("import the file again to bring its facts back"),
    *kinds.OTHERS, kinds.NO_TABLE[1], kinds.REMEDY,
)  # fmt: skip


def progress(given: Mapping[str, Any], words: Words) -> str:
    """What is being done at the moment."""
    return words.sentence(str(given.get("text") or "reading"), _PROGRESS)


def refused(row: Mapping[str, Any], words: Words) -> dict[str, Any]:
    """A refused row with what is wrong, why, and how it is mended."""
    return {
        **row,
        "table": column_words.table(str(row["table"]), words),
        "what": _each(row["what"], refusals.WHATS, words),
        "why": _each(row["why"], refusals.WHYS, words),
        "remedy": _each(row["remedy"], refusals.REMEDIES, words),
    }


def kind(given: Mapping[str, Any], words: Words) -> str:
    """A kind of refusal: the column, and what is wrong with it."""
    says = words.say(_KINDS.get(str(given["kind"]), str(given["kind"])))
    column = str(given["column"])
    if str(given["kind"]) in ("malformed", "erased") or not column:
        return says
    named = ", ".join(column_words.column(name, words) for name in column.split(" "))
    return words.say("{column}: {kind}", column=named, kind=says)


def why(text: str, words: Words) -> str:
    """Why something is asked."""
    return words.sentence(text, _WHYS)


def problems(given: Iterable[Problem | Mapping[str, str]], words: Words) -> list[Problem]:
    """What is wrong with a file, in the reader's language as far as it is known."""
    found = []
    for one in given:
        known = one if isinstance(one, Problem) else Problem(**one)
        found.append(Problem(known.place, *(_problem(text, words) for text in (known.what, known.why, known.remedy))))
    return found


def _problem(text: str, words: Words) -> str:
    what = kinds.NO_TABLE[0]
    begins = what.partition("{")[0]
    if text.startswith(begins):  # the kind of file is a word of its own
        said = words.say(text.removeprefix(begins))
        if said != text.removeprefix(begins) or words.language == "en":
            return words.say(what, kind=said)
    return words.sentence(text, _PROBLEMS)


def _each(text: object, templates: Iterable[str], words: Words) -> str:
    """Several sentences in one text, each by its own template."""
    listed = list(templates)
    return "; ".join(words.sentence(part, listed) for part in str(text).split("; "))
