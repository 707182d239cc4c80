"""Which partners belong together: by the group they name, or by who owns whom.

An enterprise is a connected part of the graph whose edges are the holdings of at least the edition's share.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from hanse.language.context import Context
from hanse.language.model import Rollup
from hanse.language.plan import Tables, literal, quoted
from hanse.language.structure import is_told

_BY_GROUP = "COALESCE('group ' || \"group\", 'partner ' || partner)"  # a group may be called like a partner


def enterprises(ctx: Context) -> str:
    """The step (pid, enterprise): by ownership where the edition says so, else by the group as of the day."""
    rollup = ctx.edition.rollup or Rollup()
    if rollup.enterprise.ownership is None:
        key, source = _by_group(ctx)
        return ctx.plan.add("enterprises", f"SELECT x.pid, {key} AS enterprise FROM {source} AS x", keep=True)
    share = ctx.single(rollup.enterprise.ownership, "levels", ("rollup", "enterprise", "ownership"), "percent").constant
    assert share is not None
    ctx.staging.use("ownership").days_from(None)
    day = literal(ctx.days.as_of)
    ctx.plan.add(
        "holdings",
        f"SELECT owner_pid, owned_pid FROM $ownership WHERE CAST(percent * 10000 AS BIGINT) * {share.denominator} >= "
        f'{share.numerator} * 10000 AND "from" <= {day} AND ("until" IS NULL OR "until" >= {day})',
    )
    ctx.plan.add("partner_numbers", "SELECT pid, partner FROM $all_partners ORDER BY pid")
    return ctx.plan.add_call("enterprises", _connected, ("holdings", "partner_numbers"), "connected components")


def _by_group(ctx: Context) -> tuple[str, str]:
    """The unit of a partner, and the relation that has it: what is told of who belongs to whom, else the column `group`."""
    if not is_told(ctx.staging.schema):
        return _BY_GROUP, "$all_partners"
    return "unit", "(SELECT a.*, u.unit FROM $all_partners AS a JOIN $units AS u ON u.pid = a.pid)"


def _connected(tables: Tables) -> pa.Table:
    """Every partner with the first key among those it is connected to."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    edges, partners = tables.arrow("holdings"), tables.arrow("partner_numbers")
    pids = np.asarray(partners["pid"].to_numpy(), dtype=np.int64)
    keys = partners["partner"].to_pylist()
    owner = np.searchsorted(pids, np.asarray(edges["owner_pid"].to_numpy(), dtype=np.int64))
    owned = np.searchsorted(pids, np.asarray(edges["owned_pid"].to_numpy(), dtype=np.int64))
    graph = coo_array((np.ones(len(owner), dtype=np.int8), (owner, owned)), shape=(len(pids), len(pids)))
    _, component = connected_components(graph, directed=False)
    first: dict[int, str] = {}
    names = [first.setdefault(int(c), key) for c, key in zip(component, keys, strict=True)]
    return pa.table({"pid": pa.array(pids, pa.int64()), "enterprise": pa.array(names, pa.string())})


def members(ctx: Context, over: Any, metric: str) -> str:
    """The relation (pid, member): whose facts count for whom."""
    if over == "group":
        key, source = _by_group(ctx)
        name, zone = "members_group", ""
    else:
        source = f"(SELECT a.*, e.enterprise FROM $all_partners AS a JOIN ${enterprises(ctx)} AS e ON e.pid = a.pid)"
        key, name, zone = "enterprise", "members_enterprise", ""
        wanted = over.get("enterprise") if isinstance(over, dict) else ("zone" if over == "zone" else None)
        if wanted is not None:
            classification = next(
                (c for c in ctx.edition.classes if wanted in (c, "zone") and (wanted == c or "zone" in c)), None
            )
            if classification is None:
                raise ctx.metric_error(
                    metric, f"there is no classification {wanted!r}", "a zone is a class of countries.yaml",
                    "declare it in countries.yaml", "over",
                )  # fmt: skip
            zone, name = f", {quoted(classification)} AS zone", f"members_{classification}"
        elif over != "enterprise":
            raise ctx.metric_error(
                metric, f"{over!r} is not known", "rows are counted over a group, an enterprise or its part in a zone",
                "write group, enterprise, or {enterprise: <classification>}", "over",
            )  # fmt: skip
    rows = f"SELECT pid, {key} AS unit{zone} FROM {source} AS x WHERE active"
    same = " AND b.zone = a.zone" if zone else ""
    ctx.plan.add(
        name, f"SELECT a.pid, b.pid AS member FROM ({rows}) AS a JOIN ({rows}) AS b ON b.unit = a.unit{same}", keep=True
    )
    return f"${name}"
