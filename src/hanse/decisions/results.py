"""What else does the edition declare as its outcome: scores, windows, fees, credits, statuses?

A result shows a metric as it is: a number, a text, a day or a truth, once per partner or per its subject.
"""

from __future__ import annotations

from hanse.language import compiler, exact, model
from hanse.language.context import Context
from hanse.language.kinds import grain_of
from hanse.language.metrics import PARTNER, Instance
from hanse.language.plan import literal, quoted
from hanse.language.problems import nearest

ORDER = ("result", "subject", "text")  # of the rows of one partner
PERSON = "person"


def decide(ctx: Context) -> None:
    """Adds the step `results`: pid, result, subject, number, text, on."""
    for name, result in ctx.edition.results.items():
        if result.metric not in ctx.edition.metrics:
            raise ctx.edition.source_of("results").error(
                (name, "metric"), f"{result.metric!r} is not a metric", "a result shows a metric",
                nearest(result.metric, ctx.edition.metrics),
            )  # fmt: skip
    compiler.compute(ctx, [Instance(r.metric) for r in ctx.edition.results.values()])
    selects = [_select(ctx, name, result.metric) for name, result in ctx.edition.results.items()]
    selects += _people(ctx)
    empty = (
        "SELECT pid, partner AS result, partner AS subject, CAST(0 AS DOUBLE) AS number, partner AS text, "
        'joined AS "on" FROM $all_partners WHERE FALSE'
    )
    ctx.plan.add("results", " UNION ALL ".join(selects) or empty)


def of_people(ctx: Context) -> frozenset[str]:
    """The results in which a person may stand: those per person, those that give one, and who serves which competency."""
    metrics = ctx.edition.metrics
    found = {name for name, metric in metrics.items() if isinstance(metric, model.Assignment)}
    for name, result in ctx.edition.results.items():
        metric = metrics[result.metric]
        gives_one = metric.kind == "text" and getattr(metric, "measure", None) == PERSON
        if gives_one or grain_of(ctx, result.metric) == PERSON:
            found.add(name)
    return frozenset(found)


def _select(ctx: Context, name: str, metric: str) -> str:
    instance = Instance(metric)
    grain = ctx.grains[instance]
    term = ctx.how(instance).term(instance, "m")
    number, text, on = "CAST(NULL AS DOUBLE)", "CAST(NULL AS VARCHAR)", "CAST(NULL AS DATE)"
    if term.kind == "number":
        number = exact.shown(term)
    elif term.kind == "boolean":
        number = f"CAST(CASE WHEN {term.sql} THEN 1 WHEN NOT {term.sql} THEN 0 END AS DOUBLE)"
        text = f"CASE WHEN {term.sql} THEN 'true' WHEN NOT {term.sql} THEN 'false' END"
    elif term.kind == "text":
        text = term.sql
    else:
        on = term.sql
    subject, join = "CAST(NULL AS VARCHAR)", ""
    if grain == "competency":
        subject, join = "k.name", " JOIN $competencies AS k ON k.competency = m.competency"
    elif grain != PARTNER:
        subject = f"CAST(m.{quoted(grain)} AS VARCHAR)"
    return (
        f"SELECT m.pid, {literal(name)} AS result, {subject} AS subject, {number} AS number, {text} AS text, {on} AS \"on\" "
        f"FROM ${_step(ctx, instance, grain)} AS m{join} WHERE {exact.known(term)}"
    )  # fmt: skip


def _step(ctx: Context, instance: Instance, grain: str) -> str:
    """Partners are the same in every state of their wide table: the first that has the metric depends on the least."""
    latest = ctx.wides[grain].step
    return ctx.first_steps.get(instance, latest) if grain == PARTNER else latest


def _people(ctx: Context) -> list[str]:
    """Who serves which competency, where the edition assigns people."""
    listed = ctx.plan.details.get("assignments", [])
    assert isinstance(listed, list)
    return [
        f"SELECT a.pid, {literal(metric)} AS result, a.person AS subject, CAST(NULL AS DOUBLE) AS number, "
        f"k.name || CASE WHEN a.role = '' THEN '' ELSE ' (' || a.role || ')' END AS text, CAST(NULL AS DATE) AS \"on\" "
        f"FROM ${step} AS a JOIN $competencies AS k ON k.competency = a.competency"
        for metric, step in listed
    ]
