"""How large is a channel's every part? The numbers that drive the generator, in one place.

Each partner has a *strength* t: exponential with mean 1, so that half of all partners lie below 0.7, one in
ten above 2.3, one in forty above 3.7. Strength drives everything together (people, certificates, revenue,
references, surveys), and each part varies by itself besides. To move the pyramid of an evaluated programme,
change the lines of `DEMO`. (Mixtures of words, such as the kinds of sales, stand where they are used.)
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Line:
    """How many of something a partner of strength t has: base + slope x t, give or take half, and a limit."""

    base: float
    slope: float
    most: int


@dataclass(frozen=True)
class Profile:
    """The size of a channel. `details` adds the columns and the tables that only a demonstration needs."""

    people: Line  # ever employed in the vendor's business, per partner
    certificates: Line  # passed in the last years, per person (by the strength of the person's first firm)
    focus: Line  # competencies a partner pursues
    surveys: Line  # in three years
    references: Line  # per focus competency, in three years
    sales: Line  # in three years
    deals: Line  # in three years
    customers: Line  # per partner
    details: bool


DEMO = Profile(
    people=Line(2.8, 4.6, 90),
    certificates=Line(1.15, 1.15, 9),
    focus=Line(0.8, 1.0, 5),
    surveys=Line(4.0, 11.0, 80),
    references=Line(0.1, 0.9, 9),
    sales=Line(6.0, 14.0, 240),
    deals=Line(0.5, 2.2, 40),
    customers=Line(2.0, 4.0, 60),
    details=True,
)

# per partner about 5 people, 10 certificates, 3 surveys, 20 sales, 4 competencies with 2 references each
BENCH = Profile(
    people=Line(3.0, 2.0, 40),
    certificates=Line(1.4, 0.5, 9),
    focus=Line(3.2, 1.0, 5),
    surveys=Line(1.8, 1.4, 30),
    references=Line(0.9, 0.9, 9),
    sales=Line(8.0, 13.5, 200),
    deals=Line(0.0, 0.0, 0),
    customers=Line(2.0, 4.0, 60),
    details=False,
)

PROFILES = MappingProxyType({"demo": DEMO, "bench": BENCH})

# --- time ---
WINDOW_DAYS = 1096  # three years of sales, surveys, references and deals, ending on the day judged
CERTIFICATE_DAYS = 1500  # certificates were passed at most so long ago
CERTIFICATE_LIVES = (548, 730, 730, 1095, 1095)  # days a certificate is good for; a further tenth never ends
NEVER_EXPIRES = 0.10
OLD_CERTIFICATES_BEFORE = 500  # days before the day judged until which old product certificates were still passed
OLD_CERTIFICATE_SHARE = 0.65  # of the certificates of those days, where the competency has old ones
WORTHLESS_SHARE = 0.12  # of those days' certificates: for products of which the new programme knows nothing

# --- firms ---
JOINED_IN_WINDOW = 0.16
JOINED_EARLIEST_DAYS = 5600  # the first partners joined so long before the window
LEFT_SHARE = 0.025
TYPES = (  # partner type, share
    ("reseller", 0.34),
    ("system_integrator", 0.18),
    ("service_provider", 0.16),
    ("consultancy", 0.14),
    ("software_house", 0.13),
    ("distributor", 0.05),
)
GROUP_BLOCK = 40  # partners in a row among which at most one group is formed
GROUP_SHARE = 0.35  # of these blocks have a group: a head and 2 to 6 subsidiaries
GROUP_HEAD_STRENGTH = 1.2  # the head of a group is stronger than its draw
MAJORITY_SHARE = 0.75  # of the subsidiaries; the others are minority stakes and in no group

# --- people ---
ROLES = (("technical", 0.58), ("sales", 0.27), ("management", 0.15))
LEAVERS = 0.16  # of the people left their firm in the window
MOVERS = 0.60  # of the leavers went to another partner in the country

# --- satisfaction, on a scale of 0 to 10 ---
QUALITY_MEAN = 7.3
QUALITY_SPREAD = 0.6  # between partners
QUALITY_PER_STRENGTH = 0.3  # firms that do much do it somewhat better, up to a strength of 4
ANSWER_SPREAD = 1.0  # between the answers about one partner

# --- money ---
REVENUE_AT_ZERO = 75_000  # USD a year in a country of wealth 1, at strength 0
REVENUE_EXPONENT = 1.45  # revenue grows as exp(exponent x strength) ...
REVENUE_KNEE = 4.0  # ... up to this strength, beyond which
REVENUE_BEYOND = 0.4  # strength counts by so much only
REVENUE_SPREAD = 0.55  # log-normal, between partners of the same strength
SALE_SPREAD = 1.1  # log-normal, between the sales of one partner
GROWTH_MEAN = 0.06  # a year
GROWTH_SPREAD = 0.18
FOCUS_SALES = 0.82  # share of the sales in the partner's own competencies

# --- evidence ---
NAMES_COMPETENCY = 5 / 6  # of the references; the others name a solution only
AGREEMENTS = 0.9  # of the partners have signed the business partner agreement
BENEFIT_USES = Line(0.1, 0.9, 9)  # this year
WAIVERS = 1 / 250  # of the partners have a requirement waived

# --- levels held before: share of partners, from the top ---
OLD_PROGRAMME = "partnerworld_2004"
OLD_LEVELS = (("premier", 0.04), ("advanced", 0.15), ("member", 0.85))
NEW_LEVEL_SHARES = (0.02, 0.08, 0.26)  # at the top level, at least at the second, at least at the third
