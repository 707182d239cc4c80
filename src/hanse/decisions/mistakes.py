"""What can be wrong with a row of facts, and why is it wrong?

Staging marks a bad row with a code; these are the sentences that the codes become. They are data, so that
whoever shows them can translate them without computing anything.
"""

from __future__ import annotations

SENTENCES: dict[str, tuple[str, str]] = {
    "missing": ("{column} is missing", "{table} needs it in every row"),
    "not_a_day": ("{column} {value!r} is not a day", "days are written like 2017-06-30"),
    "not_a_moment": ("{column} {value!r} is not a moment", "moments are written like 2017-06-30T14:00:00"),
    "not_a_number": ("{column} {value!r} is not a number", "numbers are written like 1234.56"),
    "too_large": ("{column} {value} is too large", "numbers up to 99,999,999,999,999 are kept exactly"),
    "too_precise": (
        "{column} {value} has more than four decimals",
        "amounts are kept exactly, to four decimals",
    ),
    "ends_before_start": (
        "{column} {value} lies before the beginning",
        "a period ends on or after its first day",
    ),
    "unknown_partner": ("partner {value!r} is not known", "partners has no valid row with that key"),
    "unknown_person": ("person {value!r} is not known", "people has no valid row with that key"),
    "unknown_country": ("country {value!r} does not exist", "countries are ISO 3166-1 alpha-2 codes"),
    "before_joining": (
        "{column} {value} lies before the partner joined",
        "a fact cannot be older than the partnership",
    ),
    "not_a_share": ("{column} {value} is not a share", "a share lies between 0 and 100 percent"),
    "no_rate": (
        "no exchange rate for {value} on {column}",
        "none was published on that day or the ten publication days before",
    ),
    "unknown_currency": ("currency {value!r} does not exist", "currencies are ISO 4217 codes"),
    "unknown_event": (
        "kind {value!r} is not known",
        "firms are: duplicate, acquired, merged, split, renamed, closed, belongs",
    ),
    "in_a_circle": ("{value!r} leads back to where it began", "what was merged is followed to a firm that was not"),
    "twice": (
        "the partner {value!r} stands there twice",
        "a key belongs to one partner; the first row counts",
    ),
}
