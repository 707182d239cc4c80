"""What do the partners sell, to whom, and for how much? Sales, customers and deals.

A partner's revenue in dollars follows its strength, the wealth of its country and a yearly growth of its own;
each sale is a log-normal part of it, billed in the currency of the country at about the rate of 2016.
"""

from __future__ import annotations

from types import MappingProxyType

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hanse.demo import profile as size
from hanse.demo.chance import Floats, Ints, leaning, lognormal
from hanse.demo.columns import days, decimals, numbers, part_keys, rows_of, texts, together
from hanse.demo.firms import NEVER, World
from hanse.demo.names import Words

# what a dollar was about worth when the sales were made: prices are set locally, and stay
PER_DOLLAR = MappingProxyType({
    "EUR": 0.90, "USD": 1.0, "GBP": 0.72, "JPY": 110.0, "CHF": 0.97, "SEK": 8.4, "PLN": 3.9, "CAD": 1.3,
    "AUD": 1.32, "BRL": 3.2, "INR": 66.0, "CNY": 6.6,
})  # fmt: skip
WHOLE_UNITS = frozenset({"JPY"})  # currencies without cents
CENTS = 18  # digits of an amount, two of them decimals
MOST = 10**12  # cents: no sale is above ten thousand million

KINDS = (
    ("one_off", 0.34),
    ("new", 0.20),
    ("recurring", 0.20),
    ("renewal", 0.14),
    ("upsell", 0.07),
    ("downsell", 0.03),
    ("churn", 0.02),
)
TERMED = (1, 2, 3)  # positions of the kinds that run for a term
CHURN = 6
SALE_ROLES = (("sold", 0.80), ("influenced", 0.09), ("sourced", 0.06), ("managed", 0.05))
TERMS = (12, 12, 24, 36)
EDITIONS_SOLD = ("essentials", "standard", "enterprise")
SEGMENTS = (("mid_market", 0.42), ("small", 0.30), ("enterprise", 0.19), ("public", 0.09))
SECTORS = (
    ("finance", ("banking", "insurance", "asset management")),
    ("industry", ("automotive", "chemicals", "machinery", "electronics")),
    ("commerce", ("retail", "wholesale", "consumer goods")),
    ("services", ("telecommunications", "media", "logistics", "energy", "professional services")),
    ("public", ("government", "education", "health")),
)
STAGES = (
    "noticing",
    "identifying",
    "validating",
    "qualifying",
    "conditionally_agreeing",
    "winning",
    "completing",
)


def sales_table(world: World, firms: Ints) -> dict[str, pa.Array]:
    """The fact table `sales`, by partner. Firms that came late or left early have fewer of them."""
    dice, profile = world.dice, world.profile
    start, end = world.active(firms)
    share = np.maximum(end - start + 1, 0) / size.WINDOW_DAYS  # of the window
    count = np.ceil(world.many(profile.sales, "sales", firms) * share).astype(np.int64)
    firm, number = rows_of(count, firms)
    each = world.revenue[firms] * share * (size.WINDOW_DAYS / 365) / np.maximum(count, 1)
    start, end = world.active(firm)
    on = start + dice.below(end - start + 1, "sold on", firm, number)
    years = (on - (world.as_of - size.WINDOW_DAYS / 2)) / 365
    dollars = np.repeat(each, count) * (1 + world.growth[firm] * years)
    dollars = dollars * lognormal(dice.uniform("amount", firm, number), size.SALE_SPREAD)
    competency = world.some_focus(firm, dice.uniform("sold in", firm, number))
    other = dice.below(len(world.catalogue.competencies), "other field", firm, number)
    competency = np.where(dice.uniform("in focus", firm, number) < size.FOCUS_SALES, competency, other)
    solutions = Words([list(one.solutions) for one in world.catalogue.competencies])
    kind = dice.which([share for _, share in KINDS], "kind", firm, number)
    cents = np.where(kind == CHURN, 0, _local_cents(world, dollars, world.currency[firm]))
    columns = {
        "partner": world.keys(firm),
        "on": days(on),
        "amount": decimals(cents, precision=CENTS, scale=2),
        "currency": texts(world.currencies, world.currency[firm]),
        "solution": solutions.pick(competency, dice.uniform("solution", firm, number)),
        "kind": texts([name for name, _ in KINDS], kind),
        "role": texts([n for n, _ in SALE_ROLES], dice.which([s for _, s in SALE_ROLES], "sale role", firm, number)),
    }
    if profile.details:
        columns |= _details(world, firm, number, kind, columns["solution"])
    return columns


def _local_cents(world: World, dollars: Floats, currency: Ints) -> Ints:
    """Amounts in the smallest unit that is billed: cents, or whole yen as a hundred."""
    per_dollar = np.asarray([PER_DOLLAR.get(code, 1.0) for code in world.currencies])[currency]
    unit = np.asarray([100 if code in WHOLE_UNITS else 1 for code in world.currencies])[currency]
    cents = np.floor(np.maximum(dollars, 1.0) * per_dollar * (100 / unit)).astype(np.int64) * unit
    return np.minimum(cents, MOST)


def _details(world: World, firm: Ints, number: Ints, kind: Ints, solution: pa.Array) -> dict[str, pa.Array]:
    """Customer, product, term and quantity. One sale in thirty is to a customer of the next partner."""
    dice = world.dice
    shared = dice.uniform("shared customer", firm, number) < 1 / 30
    seller = np.where(shared, (firm + 1) % world.size, firm)
    count = customers_of(world, seller)
    customer = (leaning(dice.uniform("customer", firm, number)) * count).astype(np.int64)
    seats = 1 + (leaning(dice.uniform("seats", firm, number)) ** 2 * 400).astype(np.int64)
    terms = np.asarray(TERMS)[dice.below(len(TERMS), "term", firm, number)]
    editions = texts([f"_{one}" for one in EDITIONS_SOLD], dice.below(len(EDITIONS_SOLD), "product", firm, number))
    return {
        "customer": customer_keys(world, seller, customer),
        "product": together(solution, editions),
        "country": world.places.text("country").take(pa.array(_customer_country(world, seller, customer))),
        "segment": texts([name for name, _ in SEGMENTS], _customer_segment(world, seller, customer)),
        "term_months": numbers(terms, present=np.isin(kind, TERMED)),
        "quantity": pa.array(seats),
    }


def customers_of(world: World, firm: Ints) -> Ints:
    """How many customers these partners have: at least one."""
    return np.maximum(world.many(world.profile.customers, "customers", firm), 1)


def customer_keys(world: World, firm: Ints, number: Ints) -> pa.Array:
    """The keys of customers: CU-0000417-03, after the partner that brought them."""
    return part_keys(world.keys(firm), "CU-", number + 1)


def _customer_country(world: World, firm: Ints, number: Ints) -> Ints:
    """Mostly the partner's country; one customer in twelve is elsewhere."""
    abroad = world.dice.uniform("abroad", firm, number) < 1 / 12
    other = world.country[world.dice.below(world.size, "customer country", firm, number)]
    return np.where(abroad, other, world.country[firm])


def _customer_segment(world: World, firm: Ints, number: Ints) -> Ints:
    return world.dice.which([share for _, share in SEGMENTS], "segment", firm, number)


def customers_table(world: World, firms: Ints) -> dict[str, pa.Array]:
    """The fact table `customers`."""
    dice = world.dice
    firm, number = rows_of(customers_of(world, firms), firms)
    sector = dice.below(len(SECTORS), "sector", firm, number)
    industries = Words([list(industries) for _, industries in SECTORS])
    industry = industries.pick(sector, dice.uniform("industry", firm, number))
    country = _customer_country(world, firm, number)
    root = world.names.root(dice, "customer", country, firm, number)
    return {
        "customer": customer_keys(world, firm, number),
        "name": together(root, pa.scalar(" "), pc.utf8_title(industry)),
        "country": world.places.text("country").take(pa.array(country)),
        "segment": texts([name for name, _ in SEGMENTS], _customer_segment(world, firm, number)),
        "industry": industry,
        "sector": texts([name for name, _ in SECTORS], sector),
    }


def deals_table(world: World, firms: Ints) -> dict[str, pa.Array]:
    """The fact table `deals`: opportunities in the seven steps of the sales method, mostly closed."""
    dice = world.dice
    start, end = world.active(firms)
    firm, number = rows_of(np.where(end > start, world.many(world.profile.deals, "deals", firms), 0), firms)
    start, end = world.active(firm)
    opened = start + dice.below(end - start + 1, "opened", firm, number)
    closed = opened + 15 + dice.below(240, "closes", firm, number)
    is_closed = closed <= end
    won = is_closed & (dice.uniform("won", firm, number) < 0.45)
    launched = closed + 5 + dice.below(60, "launched", firm, number)
    stage = np.where(won, 5 + (launched <= end), dice.below(5, "stage", firm, number))
    dollars = world.revenue[firm] / 6 * lognormal(dice.uniform("deal amount", firm, number), size.SALE_SPREAD)
    cents = _local_cents(world, dollars, world.currency[firm])
    outcome = np.where(won, 0, np.where(is_closed, 1, 2))
    customer = (dice.uniform("deal customer", firm, number) * customers_of(world, firm)).astype(np.int64)
    monthly = dice.uniform("monthly", firm, number) < 0.5
    return {
        "deal": part_keys(world.keys(firm), "DL-", number + 1),
        "partner": world.keys(firm),
        "opened": days(opened),
        "customer": customer_keys(world, firm, customer),
        "kind": texts(["new", "expansion", "renewal"], dice.below(3, "deal kind", firm, number)),
        "stage": texts(STAGES, stage),
        "closed": days(np.where(is_closed, closed, NEVER), none=NEVER),
        "outcome": texts(["won", "lost", None], outcome),
        "amount": decimals(cents, precision=CENTS, scale=2),
        "currency": texts(world.currencies, world.currency[firm]),
        "monthly": decimals(cents // 1200 * 100, precision=CENTS, scale=2, present=monthly),
        "launched": days(np.where(won & (launched <= end), launched, NEVER), none=NEVER),
    }
