"""What do others say about the partners? Surveys, references, attestations, levels, waivers."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hanse.demo import profile as size
from hanse.demo.chance import Floats, Ints, leaning, normal, raised
from hanse.demo.columns import days, decimals, rows_of, texts
from hanse.demo.firms import NEVER, World
from hanse.demo.names import Words
from hanse.demo.sales import customer_keys, customers_of


def surveys_table(world: World, firms: Ints) -> dict[str, pa.Array]:
    """The fact table `surveys`: scores from 0 to 10 in tenths, around a quality of each partner's own."""
    dice = world.dice
    start, end = world.active(firms)
    firm, number = rows_of(np.where(end > start, world.many(world.profile.surveys, "surveys", firms), 0), firms)
    start, end = world.active(firm)
    ago = leaning(dice.uniform("asked", firm, number))  # more of them lately
    quality = size.QUALITY_MEAN + size.QUALITY_SPREAD * normal(dice.uniform("quality", firm))
    quality = quality + size.QUALITY_PER_STRENGTH * np.minimum(world.strength[firm], 4)
    score = quality + size.ANSWER_SPREAD * normal(dice.uniform("score", firm, number))
    tenths = np.clip(np.floor(score * 10 + 0.5), 0, 100).astype(np.int64)
    columns = {
        "partner": world.keys(firm),
        "on": days(end - (ago * (end - start + 1)).astype(np.int64)),
        "score": decimals(tenths, precision=4, scale=1),
    }
    if world.profile.details:
        columns["respondents"] = pa.array(1 + dice.below(6, "respondents", firm, number))
        customer = (dice.uniform("asked whom", firm, number) * customers_of(world, firm)).astype(np.int64)
        columns["customer"] = customer_keys(world, firm, customer)
    return columns


def references_table(world: World, firms: Ints) -> dict[str, pa.Array]:
    """The fact table `references`: of the competencies a partner pursues; some name only the solution."""
    dice = world.dice
    start, end = world.active(firms)
    pursued, rank = rows_of(np.where(end > start, world.focus_count[firms], 0), firms)
    amount = (world.profile.references.base + world.profile.references.slope * world.strength[pursued]) * (
        0.5 + dice.uniform("reference scale", pursued, rank)
    )
    count = np.floor(amount + dice.uniform("reference count", pursued, rank)).astype(np.int64)
    row, nth = rows_of(np.minimum(count, world.profile.references.most), np.arange(len(pursued), dtype=np.int64))
    firm, number = pursued[row], rank[row] * 100 + nth
    start, end = world.active(firm)
    on = start + dice.below(end - start + 1, "given", firm, number)
    competency = world.focus(firm, rank[row])
    names = np.where(
        dice.uniform("names competency", firm, number) < size.NAMES_COMPETENCY,
        competency,
        len(world.catalogue.competencies),
    )
    listed = [one.name for one in world.catalogue.competencies]
    lapses = dice.uniform("lapses", firm, number) < 0.5
    solutions = Words([list(one.solutions) for one in world.catalogue.competencies])
    columns = {
        "partner": world.keys(firm),
        "on": days(on),
        "competency": texts([*listed, None], names),
        "solution": solutions.pick(competency, dice.uniform("reference solution", firm, number)),
    }
    if world.profile.details:
        customer = (dice.uniform("given by", firm, number) * customers_of(world, firm)).astype(np.int64)
        columns["customer"] = customer_keys(world, firm, customer)
        columns["country"] = world.places.text("country").take(pa.array(world.country[firm]))
        columns["expires"] = days(np.where(lapses, on + 730, NEVER), none=NEVER)
    return columns


def attestations_table(world: World, firms: Ints) -> dict[str, pa.Array]:
    """The fact table `attestations`: agreements, verified solutions, and what the edition asks of humans.

    The kind of a verified solution or service is the solution.
    """
    dice = world.dice
    strong = world.strength[firms] / (1 + world.strength[firms])
    names = (
        "business_partner_agreement",
        "verified_solution",
        "verified_service",
        *world.catalogue.attestations,
    )
    kinds = np.asarray(["agreement", "verification", "verification", *("review" for _ in world.catalogue.attestations)])
    chances = (
        size.AGREEMENTS + 0 * strong,
        0.45 * strong,
        0.25 * strong,
        *(0.8 * strong for _ in world.catalogue.attestations),
    )
    has = [dice.uniform("attested", firms, number) < chance for number, chance in enumerate(chances)]
    row, name = np.nonzero(np.stack(has, axis=1))
    firm = firms[row]
    start = np.where(name == 0, world.joined[firm], world.active(firm)[0])
    last = np.minimum(world.left[firm], world.as_of)
    granted = np.where(name == 0, start, start + dice.below(np.maximum(last - start, 1), "granted", firm, name))
    first = world.focus(firm, 0 * firm)
    solutions = Words([list(one.solutions) for one in world.catalogue.competencies])
    verified = pa.array(kinds[name] == "verification")
    return {
        "partner": world.keys(firm),
        "name": texts(names, name),
        "granted": days(granted),
        "kind": pc.if_else(verified, solutions.at(first, 0 * firm), pa.array(kinds[name])),
        "expires": days(np.where(name == 0, NEVER, granted + 3 * 365), none=NEVER),
        "by": texts(["partner office", "solution laboratory", "auditor"], np.minimum(name, 2)),
    }


def levels_held_table(world: World, firms: Ints) -> dict[str, pa.Array]:
    """The fact table `levels_held`: the old programme's level, and what the new one granted since January."""
    old, new = _old_levels(world, firms), _new_levels(world, firms)
    order = np.argsort(np.concatenate([old[0], new[0]]), kind="stable")
    firm, level, start, end, is_new = (np.concatenate([a, b])[order] for a, b in zip(old, new, strict=True))
    words = [*(name for name, _ in size.OLD_LEVELS), *world.catalogue.levels]
    return {
        "partner": world.keys(firm),
        "subject": texts(words, level + len(size.OLD_LEVELS) * is_new),
        "from": days(start),
        "until": days(end, none=NEVER),
        "anniversary": days(start),
        "programme": texts([size.OLD_PROGRAMME, world.catalogue.programme], is_new),
    }


def _in_force(world: World) -> int:
    """The first day of the year judged, on which the new programme came into force."""
    today = date.fromordinal(date(1970, 1, 1).toordinal() + world.as_of)
    return today.replace(month=1, day=1).toordinal() - date(1970, 1, 1).toordinal()


def _ranked(world: World, firms: Ints, draw: str) -> Floats:
    """How far from the top each partner was seen to stand, as a share of all: strength, and some luck."""
    return raised(-1.0, world.strength[firms]) * (0.6 + 0.8 * world.dice.uniform(draw, firms))


def _old_levels(world: World, firms: Ints) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    """Partner, level, first day, last day (mostly NEVER), and 0. A tenth had lost theirs before."""
    dice = world.dice
    level = np.searchsorted([share for _, share in size.OLD_LEVELS], _ranked(world, firms, "old level"))
    start = np.maximum(world.joined[firms] + 30, world.as_of - 4500) + dice.below(900, "old level from", firms)
    lost = start + 365 + dice.below(900, "old level until", firms)
    loses = (dice.uniform("lost old level", firms) < 0.1) & (lost < _in_force(world))
    kept = (level < len(size.OLD_LEVELS)) & (start < _in_force(world)) & (world.left[firms] == NEVER)
    rows = (firms, level, start, np.where(loses, lost, NEVER), 0 * firms)
    return tuple(column[kept] for column in rows)


def _new_levels(world: World, firms: Ints) -> tuple[Ints, Ints, Ints, Ints, Ints]:
    """The same of the new programme, with 1. Everybody is registered; some rose to a higher level."""
    dice, top = world.dice, len(world.catalogue.levels) - 1
    shares = size.NEW_LEVEL_SHARES[:top]
    level = np.maximum(top - np.searchsorted(shares, _ranked(world, firms, "new level"), side="right"), 0)
    start = np.maximum(_in_force(world), world.joined[firms])
    risen = start + 10 + dice.below(150, "risen", firms)
    rises = (level > 0) & (risen <= world.as_of)
    here = world.left[firms] == NEVER
    registered = (firms, 0 * firms, start, np.where(rises, risen - 1, NEVER), 0 * firms + 1)
    higher = (firms, level, risen, NEVER + 0 * firms, 0 * firms + 1)
    pairs = zip(registered, higher, strict=True)
    return tuple(np.concatenate([a[here], b[here & rises]]) for a, b in pairs)  # type: ignore[return-value]


def benefit_uses_table(world: World, firms: Ints) -> dict[str, pa.Array]:
    """The fact table `benefit_uses`: of this year, mostly the edition's first benefit."""
    dice = world.dice
    count = world.many(size.BENEFIT_USES, "benefit uses", firms)
    firm, number = rows_of(np.where(world.left[firms] == NEVER, count, 0), firms)
    start = np.maximum(_in_force(world), world.joined[firm])
    other = 1 + dice.below(max(len(world.catalogue.benefits) - 1, 1), "other benefit", firm, number)
    benefit = np.where(dice.uniform("benefit", firm, number) < 0.8, 0, other % len(world.catalogue.benefits))
    return {
        "partner": world.keys(firm),
        "benefit": texts(world.catalogue.benefits, benefit),
        "on": days(start + dice.below(world.as_of - start + 1, "used", firm, number)),
        "quantity": pa.array(np.where(benefit == 0, 1 + dice.below(3, "used", firm, number), 1)),
    }


def exceptions_table(world: World, firms: Ints) -> dict[str, pa.Array]:
    """The fact table `exceptions`: a few partners have a requirement waived."""
    dice, levels, requirements = world.dice, world.catalogue.levels, world.catalogue.requirements
    firm = firms[dice.uniform("waiver", firms) < size.WAIVERS]
    start = world.as_of - 20 - dice.below(300, "waived from", firm)
    reasons = (
        "merger under way",
        "natural disaster in the region",
        "survey lost by the vendor",
        "key person ill",
    )
    subjects = [*requirements, *(f"{levels[-1]}:{name}" for name in requirements[:1])]
    return {
        "partner": world.keys(firm),
        "subject": texts(subjects, dice.below(len(subjects), "waived", firm)),
        "from": days(start),
        "until": days(start + 365 - dice.below(180, "waived until", firm)),
        "reason": texts(reasons, dice.below(len(reasons), "reason", firm)),
        "by": texts(["partner office", "channel chief"], dice.below(2, "waived by", firm)),
    }
