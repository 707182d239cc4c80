"""What is done beside the pages: the directory made anew after large imports and runs of everybody, and every night."""

from __future__ import annotations

from django.db import transaction
from procrastinate import exceptions
from procrastinate.contrib.django import app

NIGHTLY = "45 1 * * *"  # UTC; certificates run out with the day, and newcomers take their place among the names


@app.task(queue="directory", pass_context=False)
def renew() -> int:
    """Makes it anew; returns how many entries there are."""
    from hanse.apps.directory import services

    return services.rebuild()


@app.periodic(cron=NIGHTLY)
@app.task(queue="directory", queueing_lock="directory-nightly", pass_context=False)
def renew_nightly(timestamp: int) -> int:
    """The same, every night; `timestamp` says which."""
    from hanse.apps.directory import services

    return services.rebuild() if timestamp else 0


def defer_renewal() -> None:
    """Has it made anew by a job, in the transaction of what makes it necessary, unless one waits already."""
    try:
        with transaction.atomic():  # a refusal must not take what is around it along
            renew.configure(queueing_lock="directory").defer()
    except exceptions.AlreadyEnqueued:
        return
