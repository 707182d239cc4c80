"""Whose certificates count for which requirement, which did until they expired, and which exams would count?

Read by the same definition that counts them (`simple.read`), so that a page about people and a standing never disagree.
Only the firm's own people are named: those who work there on the day judged.
"""

from __future__ import annotations

from collections.abc import Iterable

from hanse.decisions.counted import compared
from hanse.language import expressions, model, simple
from hanse.language.context import Context
from hanse.language.metrics import NOW, Instance
from hanse.language.plan import literal
from hanse.language.simple import Reading

COUNTS, EXPIRED = "", "expired"
_TABLE = "certifications"
_NOBODY = (
    "SELECT partner, partner AS metric, partner AS competency, partner AS person, partner AS certificate, joined AS earned, "
    "joined AS expires, partner AS why FROM $all_partners WHERE FALSE"
)
_NOTHING = (
    "SELECT partner, partner AS metric, partner AS competency, partner AS certificate FROM $all_partners WHERE FALSE"
)


def want(ctx: Context) -> None:
    """Before anything is read: what the outputs need of certificates."""
    use = ctx.staging.use(_TABLE)
    use.also_invalid = True
    use.columns |= {"person", "certificate", "earned", "expires"}
    use.days_from(None)


def add(ctx: Context) -> None:
    """Adds the outputs `holders` and `exams`. Raises EditionError.

    `holders`: partner, metric, competency (null for a number per partner), person, certificate, earned, expires, why (empty
    where the certificate counts, else `expired`). `exams`: partner, metric, competency, certificate: what `counts` of a
    competency lists and the metric accepts, where that is a matter of the certificate's name alone.
    """
    readings = [simple.read(ctx, one) for one in _of_people(ctx)]
    put = ctx.plan.outputs.__setitem__
    put("holders", ctx.plan.add("out_holders", " UNION ALL ".join(_holders(readings)) or _NOBODY))
    put("exams", ctx.plan.add("out_exams", " UNION ALL ".join(_exams(readings)) or _NOTHING))


def _of_people(ctx: Context) -> list[Instance]:
    """The numbers of certificates that levels and competencies compare, as of the day judged."""
    found = {one.name: one for one in compared(ctx) if one.shift == NOW}
    return [one for name, one in found.items() if _counts_certificates(ctx.edition.metrics[name])]


def _counts_certificates(metric: object) -> bool:
    if not isinstance(metric, model.Simple) or metric.table != _TABLE:
        return False
    return metric.at is None and metric.per in (None, "competency")


def _holders(readings: Iterable[Reading]) -> Iterable[str]:
    for reading in readings:
        kept: list[str] = []
        late: list[str] = []
        for one in reading.where:
            (late if one.reason == EXPIRED else kept).append(one.sql)
        expired = " OR ".join(f"NOT COALESCE({sql}, FALSE)" for sql in late) or "FALSE"
        competency, join = _competency(reading)
        own = "" if reading.pid == "t.pid" else f" AND t.pid = {reading.pid}"
        yield (
            f"SELECT p.partner, {literal(reading.instance.name)} AS metric, {competency} AS competency, t.person, t.certificate, "
            f"t.earned, t.expires, CASE WHEN {expired} THEN {literal(EXPIRED)} ELSE {literal(COUNTS)} END AS why "
            f"FROM {reading.source}{join} JOIN $all_partners AS p ON p.pid = {reading.pid} WHERE {' AND '.join(kept) or 'TRUE'}{own}"
        )


def _exams(readings: Iterable[Reading]) -> Iterable[str]:
    for reading in readings:
        if expressions.names(reading.metric.filter or "TRUE") - {"certificate"}:
            continue
        accepted = next((one.sql for one in reading.where if one.reason == "does not match"), "TRUE")
        if reading.metric.per is None:
            what, grouped = "CAST(NULL AS VARCHAR)", "SELECT DISTINCT c.item AS certificate FROM $counts AS c"
        else:
            what, grouped = "t.name", (
                "SELECT c.item AS certificate, k.name FROM $counts AS c JOIN $competencies AS k ON k.competency = c.competency"
            )  # fmt: skip
        yield (
            f"SELECT p.partner, {literal(reading.instance.name)} AS metric, {what} AS competency, t.certificate FROM "
            f"({grouped} WHERE c.\"column\" = 'certificate') AS t CROSS JOIN $all_partners AS p WHERE {accepted}"
        )


def _competency(reading: Reading) -> tuple[str, str]:
    """The SQL of the competency's name, and the join that it needs."""
    if reading.key is None:
        return "CAST(NULL AS VARCHAR)", ""
    return "kname.name", f" JOIN $competencies AS kname ON kname.competency = {reading.key}"
