"""How long do merging two firms, and taking that back, take for a firm with many facts?

    python bench/merge.py [--partners N] [--facts K] [--repeat R] [--json]

An installation like that of bench/batch_from_database.py, evaluated once. A firm gets as many sales as are asked for,
is merged into another with what follows at once (both judged anew), and is taken back; then both again.
"""

from __future__ import annotations

from datetime import date, timedelta
from statistics import median
from time import perf_counter, process_time

import _installation as installation
from _measure import Figure, call, report
from generate import AS_OF, channel

PARTNERS, FACTS, MOST = 10_000, 10_000, 1.0


def main() -> None:
    """The command."""
    parser = call("How long do merging two firms, and taking that back, take?", partners=PARTNERS)
    parser.add_argument("--facts", type=int, default=FACTS, help=f"sales of the firm ({FACTS})")
    asked = parser.parse_args()
    # in an installation of its own: a firm of so many facts would weigh on other figures
    installation.ready(asked.data / f"{asked.partners}-merge")
    installation.filled(channel(asked.partners, asked.data))
    edition = installation.in_force("2016-01-01")
    from hanse.apps.accounts.actors import operator
    from hanse.apps.evaluation import mergers, services
    from hanse.apps.standings.selectors import run_list, standing_list

    me = operator()
    if not run_list(me, edition=edition):
        services.evaluate(actor=me, edition=edition, as_of=AS_OF, reason="benchmark")
    one, other = (str(row["partner"]) for row in standing_list(me, edition, limit=2))
    _sell(one, asked.facts)
    took: dict[str, list[float]] = {"merge": [], "unmerge": [], "processor": []}
    for _ in range(max(3, asked.repeat)):
        began, own = perf_counter(), process_time()
        batch = mergers.merge(actor=me, partner=one, into=other, reason="benchmark")
        services.evaluate_touched(batch=batch)
        merged = perf_counter()
        batch = mergers.unmerge(actor=me, partner=one, reason="benchmark")
        services.evaluate_touched(batch=batch)
        took["merge"].append(merged - began)
        took["unmerge"].append(perf_counter() - merged)
        took["processor"].append(process_time() - own)
    figures = [
        Figure("partners", asked.partners, "partners"),
        Figure("facts of the firm that goes into another", _facts(one), "facts"),
        Figure("merged, both judged anew", round(median(took["merge"]), 2), "seconds", MOST),
        Figure("taken back, both judged anew", round(median(took["unmerge"]), 2), "seconds", MOST),
        Figure("processor time of this process, both together", round(median(took["processor"]), 2), "seconds"),
    ]
    report("merge", figures, as_json=asked.json)


def _sell(partner: str, facts: int) -> None:
    """Records sales of a firm, unless they are there."""
    from hanse.apps.accounts.actors import operator
    from hanse.apps.evidence.services import record_facts

    missing = facts - _facts(partner)
    if missing > 0:
        day = date(AS_OF.year, 1, 1)
        rows = [
            {"partner": partner, "on": day + timedelta(n % 90), "amount": f"{n % 997}.00", "currency": "EUR"}
            for n in range(missing)
        ]
        record_facts(actor=operator(), source="bench merge", rows={"sales": rows}, reason="benchmark")


def _facts(partner: str) -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM facts.sales WHERE partner = %s", [partner])
        return int(cursor.fetchone()[0])


if __name__ == "__main__":
    main()
