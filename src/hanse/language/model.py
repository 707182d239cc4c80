"""The files of an edition as models: which keys there are, of what form. The JSON Schema is made from these."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

NAME = r"^[a-z][a-z0-9_]*$"
Name = Annotated[str, Field(pattern=NAME)]
_VALUE_SCHEMA = {
    "description": "a number, 40/6, 200_000 USD, 70 %, a table by class, or a list of versions by date",
    "anyOf": [{"type": "number"}, {"type": "string"}, {"type": "object"}, {"type": "array"}],
}
Value = Annotated[Any, WithJsonSchema(_VALUE_SCHEMA)]


def _label(raw: object) -> object:
    if raw is None or isinstance(raw, dict):
        return raw
    return {"en": str(raw)}


Label = Annotated[
    dict[str, str],
    BeforeValidator(_label),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "object", "additionalProperties": {"type": "string"}}]}),
]
Text = Annotated[
    str, BeforeValidator(lambda raw: raw if raw is None or isinstance(raw, bool | dict | list) else str(raw))
]
MonthDay = Annotated[str, Field(pattern=r"^\d{2}-\d{2}$")]
WindowSpec = Annotated[Any, WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "object"}]})]
NodeSpec = Annotated[dict[str, Any], WithJsonSchema({"$ref": "#/$defs/Requirement"})]


class Entry(BaseModel):
    """Anything an author writes; unknown keys are refused, remarks are welcome everywhere."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True, arbitrary_types_allowed=True)
    source: Text | None = None
    note: Text | None = None
    invented: bool | Text | None = None


class SourceText(BaseModel):
    model_config = ConfigDict(extra="allow")
    what: Text
    url: Text | None = None
    grade: Text | None = None


class LeavingLag(Entry):
    months: int = 0
    days: int = 0
    day: int | None = Field(None, ge=1, le=31)


class PeopleRules(Entry):
    counted_after_leaving: LeavingLag | None = None


class Grandfather(Entry):
    level: Name
    held_before: date
    until: date
    clause: Text | None = None
    countries: list[Text] | None = None


class RetiredLevel(Entry):
    level: Name
    no_new_from: date
    last_anniversary: date | None = None
    clause: Text | None = None
    countries: list[Text] | None = None


class Ceiling(Entry):
    level: Name
    metric: Name
    at_most: Value
    then: Name
    clause: Text | None = None


class Lapse(Entry):
    unpublished_after: Text


class LeaveAfter(Entry):
    level: Name
    years: int


class Waiting(Entry):
    after_loss: Text


Cadence = Annotated[Any, WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "object"}]})]


class Life(Entry):
    up: Cadence = "at_once"
    down: Cadence = "at_once"
    effective: Literal["at_once", "next_month", "next_quarter"] = "at_once"
    grace: Text | None = None
    first_year: Literal["keep"] | None = None
    lapse: Lapse | None = None
    leave_after: LeaveAfter | None = None
    waiting: Waiting | None = None
    grandfather: list[Grandfather] = []
    retired: list[RetiredLevel] = []
    ceiling: list[Ceiling] = []


class EnterpriseRule(Entry):
    ownership: Value | None = None
    group: bool = False


class Share(Entry):
    level: Name
    when: Literal["any", "all"] = "any"
    clause: Text | None = None


class Several(Entry):
    level: Name
    at: Name
    n: int
    countries: bool = False
    clause: Text | None = None


class Rollup(Entry):
    enterprise: EnterpriseRule = EnterpriseRule(group=True)
    share: list[Share] = []
    best_of: Text | None = None
    n_of: list[Several] = []


class Programme(Entry):
    """programme.yaml"""

    programme: Name
    edition: Text
    title: Label
    announced: date | None = None
    in_force: date | None = None
    until: date | None = None
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "EUR"
    fiscal_year_starts: MonthDay = "01-01"
    levels: dict[Name, Label | None] = {}
    parameters: dict[Name, Value] = {}
    sources: dict[str, SourceText] = {}
    people: PeopleRules = PeopleRules()
    life: Life = Life()
    rollup: Rollup | None = None


class Each(Entry):
    per: Name
    at_most: Value


class Newest(Entry):
    per: list[Name]
    by: Name = "version"
    keep: int = 1


class Shift(Entry):
    months: int = 0
    days: int = 0


class MetricBase(Entry):
    label: Label | None = None
    unit: Text | None = None
    kind: Literal["number", "boolean", "text", "date"] = "number"
    use: Name | None = None


Agg = Literal[
    "sum", "count", "count_distinct", "average", "median", "percentile", "min", "max", "latest", "first", "any"
]


class Simple(MetricBase):
    type: Literal["simple", "cumulative"] = "simple"
    table: Name
    agg: Agg = "count"
    measure: Text | None = None
    filter: Text | None = None
    window: WindowSpec | None = None
    grain_to_date: Text | None = None
    day: Name | None = None
    per: Name | None = None
    fill_nulls_with: Value | None = None
    min_count: int | None = None
    percentile: Value | None = None
    currency: Annotated[str, Field(pattern=r"^([A-Z]{3}|original)$")] | None = None
    weight: dict[str, Any] | None = None
    each: Each | None = None
    newest: Newest | None = None
    over: Text | dict[str, Text] | None = None
    valid: Literal["any"] | None = None
    at: Shift | None = None


class Ratio(MetricBase):
    type: Literal["ratio"]
    numerator: Name
    denominator: Name


class Derived(MetricBase):
    type: Literal["derived"]
    expr: Text


class Growth(MetricBase):
    type: Literal["growth"]
    of: Name
    before: Shift
    as_: Literal["percent", "absolute"] = Field("percent", alias="as")
    floor: Value | None = None


class Rank(MetricBase):
    type: Literal["rank"]
    of: Name
    within: Name | None = None
    order: Literal["descending", "ascending"] = "descending"
    as_: Literal["rank", "percentile"] = Field("rank", alias="as")


class Band(Entry):
    from_: Value = Field(alias="from")
    is_: Value = Field(alias="is")


class Points(MetricBase):
    type: Literal["points"]
    of: Name
    each: Value | None = None
    full: Value | None = None
    at: Value | None = None
    bands: list[Band] | None = None
    at_most: Value | None = None
    when: Text | None = None


class WeightedMean(MetricBase):
    type: Literal["weighted_mean"]
    of: dict[Name, Value]


class Step(Entry):
    table: Name
    filter: Text | None = None
    day: Name | None = None


class Conversion(MetricBase):
    type: Literal["conversion"]
    base: Step
    conversion: Step
    entity: Name = "customer"
    within: Text
    window: WindowSpec | None = None
    as_: Literal["percent", "count"] = Field("percent", alias="as")


class Replay(MetricBase):
    type: Literal["replay"]
    of: Name
    how: Literal["any", "every"] = "any"
    window: WindowSpec
    kind: Literal["boolean"] = "boolean"


class WindowDay(MetricBase):
    type: Literal["window_day"]
    window: WindowSpec
    day: Literal["first", "last"]
    kind: Literal["date"] = "date"


class HeldFor(MetricBase):
    type: Literal["held_for"]
    subject: Text
    programme: Text | None = None
    unit: Literal["days", "months", "years"] = "months"


class Assignment(MetricBase):
    type: Literal["assignment"]
    per: Literal["competency"] = "competency"
    table: Name
    filter: Text | None = None
    need: Value | None = None
    roles: dict[Text, Value] | None = None
    up_to: Value | dict[Text, Value] | None = None
    one_role_per_person: bool = False
    exempt: list[Name] = []
    when: Text | None = None


class SqlMetric(MetricBase):
    type: Literal["sql"]
    per: Name | None = None
    fill_nulls_with: Value | None = None


Metric = Annotated[
    Simple | Ratio | Derived | Growth | Rank | Points | WeightedMean | Conversion | Replay | WindowDay | HeldFor
    | Assignment | SqlMetric,
    Field(discriminator="type"),
]  # fmt: skip


class Competency(Entry):
    name: Label
    area: Text | None = None
    counts: dict[Name, list[Text]] = {}
    thresholds: dict[str, Value] = {}
    requirements: NodeSpec | None = None
    from_: date | None = Field(None, alias="from")
    until: date | None = None


class Competencies(Entry):
    """competencies.yaml"""

    depths: list[Name] = []
    depth_names: dict[Name, Label] = {}
    label: Label | None = None
    requirements: NodeSpec | None = None
    competencies: dict[Name, Competency]


class Credit(Entry):
    certificate: Text | list[Text]
    counts_as: Text | list[Text]
    from_: date | None = Field(None, alias="from")
    until: date | None = None
    clause: Text | None = None


class LegacyLevel(Entry):
    programme: Text | None = None
    level: Text | list[Text] | None = None
    gives: Name | None = None
    else_: Name | None = Field(None, alias="else")
    clause: Text | None = None


class Transition(Entry):
    """transition.yaml"""

    credits: list[Credit] = []
    levels: list[LegacyLevel] = []
    from_: date | None = Field(None, alias="from")
    until: date | None = None
    clause: Text | None = None


class Countries(Entry):
    only: list[Text] | None = None
    not_: list[Text] | None = Field(None, alias="not")


class Benefit(Entry):
    label: Label | None = None
    quantity: Value
    unit: Text | None = None
    cost: Value | None = None
    period: WindowSpec | None = None
    countries: Countries | None = None
    when: Text | None = None
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] | None = None
    clause: Text | None = None
    from_: date | None = Field(None, alias="from")
    until: date | None = None


class Result(Entry):
    metric: Name
    label: Label | None = None
    subject: Text | None = None


class OwnColumn(Entry):
    type: Literal["text", "country", "currency", "day", "moment", "amount", "number", "integer", "real"] = "text"
    required: bool = False
    means: Text


class OwnTable(Entry):
    means: Text | None = None
    columns: dict[Name, OwnColumn]
    owner: Literal["partner", "person", "none"] = "partner"
    day: Name | None = None
    lasts: list[Name] | None = None
