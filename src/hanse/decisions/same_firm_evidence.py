"""How alike are two records, field by field, and how much does each likeness weigh before anything is learned?

Each comparison is a list of levels, best first: an SQL condition, what to call it, and how often it is so among two
records of one firm (`m`). Levels that no list need teach are few; the rest is learned from the data where it allows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hanse.language.plan import literal
from hanse.language.words import mark

_SHARED = "coalesce(list_sum(list_transform(list_intersect(words_l, words_r), lambda x: x % 256)), 0)"
_JACCARD = (
    f"({_SHARED}) * (1 + {{0}}) >= {{0}} * (weight_l + weight_r)"  # the same as shared / all >= share, reckoned once
)
_SPELT = (  # few letters, measured by the words that are a firm's own: "Technical University of" does not excuse another town
    "abs(length(squashed_l) - length(squashed_r)) <= 0.12 * least(own_l, own_r) "
    "AND damerau_levenshtein(squashed_l, squashed_r) <= 0.12 * least(own_l, own_r)"
)


DIFFERENT, RARELY = mark("different"), mark("how rarely two records of the list are one firm")  # no likeness; the prior
_VETO = -60.0  # more than a shared roof, switchboard and web site say together
_PROOF = 18.0  # bits: a number with its check digits is not the same by chance, but groups share one, and lists carry wrong ones
_NO_REGISTRATION = "(registration_l = registration_r) IS NOT TRUE"
_SISTER = (
    "len(special_l) > 0 AND special_l = special_r AND len(list_intersect(words_l, words_r)) < least(len(words_l), len(words_r)) "
    f"AND NOT starts_with(squashed_l, squashed_r) AND NOT starts_with(squashed_r, squashed_l) AND {_NO_REGISTRATION}"
)


@dataclass(frozen=True)
class Level:
    """`condition` on columns with _l and _r; `says` is marked for translation; `tf` names a column whose frequent values weigh less."""

    condition: str
    says: str
    m: float
    tf: str | None = None
    fixed: float | None = None  # bits, where lists have too few such pairs, or the wrong ones, to teach it
    unless_free: bool = False  # but learned in lists where one firm's name is written freely
    times: float | None = None  # how often chance does it, as a multiple of the first level; None: counted


@dataclass(frozen=True)
class Evidence:
    """One comparison: what it is called, the column shown of either record, when it says nothing, its levels."""

    name: str
    shown: str
    missing: str
    levels: tuple[Level, ...]
    otherwise: float
    chance: tuple[float, ...] = ()  # u where it is not counted, and m not learned either


def _name(bits: float, *, others: bool) -> Evidence:
    """`bits` is the weight of a word that only one record has."""
    enough = 8 * min(bits, 20)
    levels = [Level("core_l = core_r", mark("the same name"), 0.45, "core", times=1.0)]
    if others:
        alias = "len(list_intersect(other_cores_l, other_cores_r)) > 0"
        levels.append(Level(alias, mark("one is also called as the other"), 0.1, "core", times=2.0))
    levels += [
        Level(
            f"squashed_l = squashed_r OR words_l = words_r OR ({_SPELT})",
            mark("the same but for spelling or order"),
            0.2,
            "core",
            times=2.0,
        ),
        Level("initials_l = squashed_r OR squashed_l = initials_r", mark("one is the other's initials"), 0.02),
        Level(
            "NOT list_has_any(words_l, words_r)", mark("no word in common"), 0.03
        ),  # here, for it is the quickest to tell
        Level(_SISTER, mark("the same name in another trade"), 0.02, fixed=_VETO, unless_free=True),
        Level(_JACCARD.format(0.7), mark("nearly all words"), 0.1, "core", times=2.5),
        Level(
            f"{_SHARED} >= greatest(0.99 * least(weight_l, weight_r), {0.75 * enough}) OR starts_with(squashed_l, squashed_r) OR starts_with(squashed_r, squashed_l)",
            mark("one name within the other"),
            0.1,
            "core",
            times=2.5,
        ),
        Level(_JACCARD.format(0.4), mark("half of the words"), 0.06),
        Level(f"{_SHARED} >= {0.6 * enough}", mark("a rare word"), 0.04),
    ]
    return Evidence("name", "core", "core_l IS NULL OR core_r IS NULL", tuple(levels), 0.02)


_NO_ADDRESS = "(number_l IS NULL AND street_l IS NULL) OR (number_r IS NULL AND street_r IS NULL)"
_ELSEWHERE = (
    "(postcode_l = postcode_r) IS NOT TRUE AND (city_l = city_r) IS NOT TRUE AND "
    "(postcode_l <> postcode_r OR damerau_levenshtein(city_l, city_r) > 1 OR country_l <> country_r)"
)
_HERE = f"({_ELSEWHERE}) IS NOT TRUE"
_STREET = "(street_l = street_r OR whole_street_l = whole_street_r)"
_NEAR_STREET = "jaro_winkler_similarity(whole_street_l, whole_street_r) > 0.85"
_ADDRESS = Evidence(
    "address", "address", _NO_ADDRESS,
    (
        Level(f"number_l = number_r AND {_STREET} AND {_HERE}", mark("the same street and number"), 0.7),
        Level(f"number_l = number_r AND {_NEAR_STREET} AND {_HERE}", mark("the same number, nearly the same street"), 0.08),
        Level(f"{_STREET} AND {_HERE}", mark("the same street"), 0.06),
        Level(f"number_l = number_r AND {_HERE}", mark("the same number"), 0.02),
        Level(f"greatest(spread_l, spread_r) >= 4 AND (phone_l = phone_r) IS NOT TRUE AND {_NO_REGISTRATION}", mark("another site of a chain"), 0.001, fixed=_VETO),
        Level(f"phone_l <> phone_r AND {_ELSEWHERE} AND {_NO_REGISTRATION}", mark("another town and telephone"), 0.01, fixed=-12.0),
        Level("postcode_l = postcode_r", mark("another address, the same postcode"), 0.03),
        Level("city_l = city_r", mark("another address, the same town"), 0.04),
        Level(_HERE, mark("another address"), 0.04),
    ),
    0.05,
)  # fmt: skip
_PLACE = Evidence(
    "place", "postcode",
    f"NOT ({_NO_ADDRESS}) OR ((postcode_l IS NULL OR postcode_r IS NULL) AND (city_l IS NULL OR city_r IS NULL) AND (country_l IS NULL OR country_r IS NULL))",
    (
        Level(f"greatest(spread_l, spread_r) >= 4 AND (postcode_l <> postcode_r OR ({_ELSEWHERE})) AND (phone_l = phone_r) IS NOT TRUE AND {_NO_REGISTRATION}", mark("another site of a chain"), 0.001, fixed=_VETO),
        Level(f"phone_l <> phone_r AND {_ELSEWHERE} AND {_NO_REGISTRATION}", mark("another town and telephone"), 0.01, fixed=-12.0),
        Level("country_l <> country_r", mark("another country"), 0.02),
        Level("postcode_l = postcode_r", mark("the same postcode"), 0.75, "postcode"),
        Level("city_l = city_r", mark("the same town"), 0.11, "city"),
        Level("length(city_l) > 4 AND damerau_levenshtein(city_l, city_r) <= 1", mark("nearly the same town"), 0.01),
        Level("(city_l IS NULL OR city_r IS NULL) AND (postcode_l IS NULL OR postcode_r IS NULL)", mark("the same country"), 0.02),
        Level("left(postcode_l, 2) = left(postcode_r, 2)", mark("the same region"), 0.03),
    ),
    0.06,
)  # fmt: skip
_NOWHERE = "coalesce(city_l, postcode_l) IS NULL AND coalesce(city_r, postcode_r) IS NULL"
_EXTENSION = "left(phone_l, length(phone_l) - 2) = left(phone_r, length(phone_r) - 2)"
_PHONE = Evidence(
    "phone", "phone", "phone_l IS NULL OR phone_r IS NULL",
    (
        Level("phone_l = phone_r", mark("the same number"), 0.7, "phone"),
        Level("suffix(phone_l, phone_r) OR suffix(phone_r, phone_l)", mark("the same number without its area"), 0.02),
        Level("greatest(spread_l, spread_r) >= 4 AND phone_l <> phone_r AND NOT suffix(phone_l, phone_r) AND NOT suffix(phone_r, phone_l) AND "
              f"damerau_levenshtein(phone_l, phone_r) > 1 AND {_NOWHERE} AND {_NO_REGISTRATION}", mark("another site of a chain"), 0.001, fixed=_VETO),
        Level(f"{_EXTENSION} AND number_l = number_r AND {_STREET}", mark("another extension under the same roof"), 0.001, fixed=0.0),
        Level("damerau_levenshtein(phone_l, phone_r) <= 1 AND left(phone_l, length(phone_l) - 2) <> left(phone_r, length(phone_r) - 2)", mark("a digit apart"), 0.02),
        Level(_EXTENSION, mark("the same but for the last two digits"), 0.04),
    ),
    0.22,
)  # fmt: skip
_LABEL = "split_part(domain_l, '.', 1)"
_PLAIN = f"regexp_replace({_LABEL}, '[^a-z0-9]', '', 'g')"
_DOMAIN = Evidence(
    "domain", "domain", "domain_l IS NULL OR domain_r IS NULL",
    (
        Level("domain_l = domain_r", mark("the same domain"), 0.75, "domain"),
        Level(f"{_LABEL} = split_part(domain_r, '.', 1) AND squashed_l = squashed_r AND (starts_with(squashed_l, {_PLAIN}) OR starts_with({_PLAIN}, squashed_l) "
              f"OR jaro_winkler_similarity(squashed_l, {_PLAIN}) > 0.9)", mark("their name in another country's domain"), 0.001, fixed=0.0),
        Level(f"{_LABEL} = split_part(domain_r, '.', 1)", mark("the same domain in another country"), 0.04),
    ),
    0.21,
)  # fmt: skip
_REGISTRATION = Evidence(
    "registration", "registration", "registration_l IS NULL OR registration_r IS NULL",
    (
        Level("registration_l = registration_r AND valid_l AND valid_r", mark("the same valid registration"), 0.8, fixed=_PROOF),
        Level("registration_l = registration_r", mark("the same registration"), 0.14, "registration"),
        Level("valid_l AND valid_r AND registered_l = registered_r", mark("another valid one of the same kind"), 0.005, fixed=-24.0),
        Level("damerau_levenshtein(registration_l, registration_r) <= 1", mark("a character apart"), 0.03),
        Level("registered_l = registered_r", mark("another one of the same kind"), 0.02, fixed=-12.0),
    ),
    0.03,
)  # fmt: skip
_FORM = Evidence(
    "legal form", "form", "form_l IS NULL OR form_r IS NULL", (Level("form_l = form_r", mark("the same legal form"), 0.8),), 0.2,
    (0.5, 0.5),  # firms of like names are of one country, where forms are few: chance does it more often than it seems
)  # fmt: skip


def _source(once: Mapping[str, float]) -> Evidence:
    """`once`: sources that say each firm once, and the bits that this speaks against two of their records."""
    levels = [
        Level(
            f"source_l = source_r AND source_l = {literal(one)}",
            mark("two records of a list that says each firm once"),
            0.001,
            fixed=bits - number / 1000,
        )
        for number, (one, bits) in enumerate(once.items())
    ]  # a hair apart: a weight tells its level
    levels.append(Level("source_l = source_r", mark("the same source"), 0.3))
    return Evidence("source", "source", "source_l IS NULL OR source_r IS NULL", tuple(levels), 0.7)


def evidence_of(filled: Mapping[str, float], bits: float, once: Mapping[str, float]) -> list[Evidence]:
    """The comparisons that a list allows: `filled` is the share of records that say something, by comparable column."""
    found = [_name(bits, others=filled.get("others", 0) > 0)]
    for one, columns in ((_ADDRESS, ("number", "street")), (_PLACE, ("postcode", "city", "country")), (_PHONE, ("phone",)),
                         (_DOMAIN, ("domain",)), (_REGISTRATION, ("registration",)), (_FORM, ("form",)), (_source(once), ("source",))):  # fmt: skip
        if any(filled.get(c, 0) > 0 for c in columns):
            found.append(one)
    return found


def comparison_of(evidence: Evidence, m: list[float], u: list[float] | None) -> Any:
    """The same as Splink's comparison, with the probabilities of its levels, best first and the rest last."""
    import splink.comparison_level_library as cll
    import splink.comparison_library as cl

    made: list[Any] = [cll.CustomLevel(evidence.missing, "nothing said").configure(is_null_level=True)]
    for number, level in enumerate((*evidence.levels, None)):
        given: dict[str, Any] = {"m_probability": m[number]}
        if u is not None:
            given["u_probability"] = u[number]
        if level is None:
            made.append(cll.ElseLevel().configure(**given))
            continue
        if level.tf:
            given |= {"tf_adjustment_column": level.tf, "tf_adjustment_weight": 1.0}
        made.append(cll.CustomLevel(level.condition, level.says).configure(**given))
    return cl.CustomComparison(output_column_name=evidence.name.replace(" ", "_"), comparison_levels=made)
