"""What is done beside the pages: records brought up after large imports, and after a comparison of all."""

from __future__ import annotations

from django.db import transaction
from procrastinate import exceptions
from procrastinate.contrib.django import app

NIGHTLY = "15 1 * * *"  # UTC; what an upgrade or a restored backup has left out


@app.task(queue="directory", pass_context=False)
def renew() -> int:
    """Brings up what is behind; returns how many records that were."""
    from hanse.apps.likeness import services

    return services.renew()


@app.periodic(cron=NIGHTLY)
@app.task(queue="directory", queueing_lock="likeness-nightly", pass_context=False)
def renew_nightly(timestamp: int) -> int:
    """The same, every night; `timestamp` says which."""
    from hanse.apps.likeness import services

    return services.renew() if timestamp else 0


def defer_renewal() -> None:
    """Has it done by a job, in the transaction of what makes it necessary, unless one waits already."""
    try:
        with transaction.atomic():  # a refusal must not take what is around it along
            renew.configure(queueing_lock="likeness").defer()
    except exceptions.AlreadyEnqueued:
        return
