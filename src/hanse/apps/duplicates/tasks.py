"""What happens beside the pages: all records are looked at, or those that have just come."""

from __future__ import annotations

from django.db import transaction
from procrastinate import exceptions
from procrastinate.contrib.django import app


@app.task(queue="evaluation", pass_context=False)
def look() -> int:
    """Looks for records that are one firm."""
    from hanse.apps.duplicates import looking

    return looking.run()


@app.task(queue="evaluation", pass_context=False)
def look_at(since: int) -> int:
    """Looks at the records that are newer than the number."""
    from hanse.apps.duplicates import arriving
    from hanse.apps.registry.selectors import newcomers

    return arriving.look_at(newcomers(since=since, limit=arriving.FEW))


def look_later() -> None:
    """Has all records looked at, in the transaction of what makes it necessary, unless that waits already."""
    try:
        with transaction.atomic():  # a refusal must not take what is around it along
            look.configure(queueing_lock="duplicates").defer()
    except exceptions.AlreadyEnqueued:
        return
