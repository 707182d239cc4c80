"""What happens beside the pages: all records are looked at, or those that have just come."""

from __future__ import annotations

from procrastinate.contrib.django import app


@app.task(queue="evaluation", pass_context=False)
def look() -> int:
    """Looks for records that are one firm."""
    from hanse.apps.duplicates import looking

    return looking.run()


@app.task(queue="evaluation", pass_context=False)
def merge_all(by: str, probability: float, reason: str) -> int:
    """Merges all that are likely enough, with the rights that whoever asked has by then; how many those are."""
    from hanse.apps.accounts.actors import actor_of
    from hanse.apps.duplicates import deciding

    return len(deciding.all_at_least(actor=actor_of(by), probability=probability, reason=reason))


@app.task(queue="evaluation", pass_context=False)
def look_at(since: int) -> int:
    """Looks at the records that are newer than the number."""
    from hanse.apps.duplicates import arriving
    from hanse.apps.registry.selectors import newcomers

    return arriving.look_at(newcomers(since=since, limit=arriving.FEW))
