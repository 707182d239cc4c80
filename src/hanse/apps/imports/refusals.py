"""What is wrong with a refused row, why, and how is it mended?

The words for what the evaluation would refuse too are the evaluation's (decisions/mistakes.py); here are those of a file,
and a remedy for each.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hanse.decisions.mistakes import SENTENCES
from hanse.decisions.trouble import sentences
from hanse.language.problems import Problem
from hanse.language.words import mark

REPEATED = "repeated"  # says a key again, word for word: nothing wrong, nothing new
_OF_FILES: dict[str, tuple[str, str]] = {
    "erased": (mark("the row named a person whose data was erased"), mark("it was asked for by law")),
    "not_whole": (mark("{column} {value!r} is not a whole number"), mark("{column} counts things")),
    "too_long": (mark("{column} {value!r}... is too long"), mark("a key has at most 300 bytes")),
}
_REMEDIES: dict[str, str] = {
    "missing": mark("give {column} a value"),
    "not_a_day": mark("write an existing day like 2017-06-30, or in the form of the column's other days"),
    "not_a_moment": mark("write it like 2017-06-30T14:00:00"),
    "not_a_number": mark("write it like 1234.56, or in the form of the column's other numbers"),
    "too_precise": mark("round it to four decimals"),
    "ends_before_start": mark("correct one of the two days"),
    "unknown_country": mark("write the two-letter code, such as DE, or the name of a country"),
    "unknown_currency": mark("write the three-letter code, such as EUR"),
    "not_a_share": mark("write a number from 0 to 100"),
    "erased": mark("nothing is to be done"),
    "not_whole": mark("write it without decimals"),
    "too_large": mark("check the number; perhaps a decimal sign is missing"),
    "too_long": mark("check the column; perhaps two cells ran together"),
    "twice_in_file": mark("keep one of the two rows"),
    "malformed": mark("compare the line with the one before: a quote or a delimiter too many, or missing"),
}
_MALFORMED = (
    (mark("the line has {fields} fields"), mark("the headings have {expected}")),
    (mark("the line has {fields} field"), mark("the headings have {expected}")),
    (mark("the line holds a NUL character"), mark("no text has one")),
    (mark("the quotes of the line are wrong"), ""),
    (mark("{column} {key!r} stands in line {line} already, with other values"), mark("one row says what a thing is")),
)
# what may be said of a row, for whoever translates it
WHATS = tuple(pair[0] for pair in (*SENTENCES.values(), *_OF_FILES.values(), *_MALFORMED))
WHYS = tuple(pair[1] for pair in (*SENTENCES.values(), *_OF_FILES.values(), *_MALFORMED) if pair[1])
REMEDIES = tuple(_REMEDIES.values())


def kind_of(code: str) -> tuple[str, str]:
    """What kind of mistake a code says, and in which column: `not_a_day:on:31.2.` is ("not_a_day", "on")."""
    kind, _, rest = code.partition(":")
    return kind, rest.partition(":")[0]


def problem_of(code: str, table: str, place: str) -> Problem:
    """The code as place, what, why and remedy."""
    kind, _, rest = code.partition(":")
    column, _, value = rest.partition(":")
    if kind == "malformed":
        what, why = _malformed(column, value)
    elif kind == "twice_in_file":
        line, _, key = value.partition(":")
        what, why = f"{column} {key!r} stands in line {line} already, with other values", "one row says what a thing is"
    elif kind in SENTENCES:
        what, why = sentences(code, table)
    else:
        what, why = (text.format(column=column, value=value, table=table) for text in _OF_FILES[kind])
    return Problem(place, what, why, _REMEDIES[kind].format(column=column))


def _malformed(how: str, value: str) -> tuple[str, str]:
    if how == "fields":
        fields, _, expected = value.partition(":")
        return f"the line has {fields} field{'' if fields == '1' else 's'}", f"the headings have {expected}"
    if how == "zero":
        return "the line holds a NUL character", "no text has one"
    return "the quotes of the line are wrong", value


def in_words(codes: Sequence[str], table: str) -> tuple[str, str, str]:
    """What, why and remedy of a row, each as one text where there are several mistakes."""
    found = [problem_of(code, table, "") for code in codes]
    return (
        "; ".join(p.what for p in found),
        "; ".join(_once(p.why for p in found)),
        "; ".join(_once(p.remedy for p in found)),
    )


def _once(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(texts))
