"""What is done beside the pages: records brought up after large imports, and after a comparison of all."""

from __future__ import annotations

from django.db import transaction
from procrastinate import exceptions
from procrastinate.contrib.django import app


@app.task(queue="directory", pass_context=False)
def renew() -> int:
    """Brings up what is behind; returns how many records that were."""
    from hanse.apps.likeness import services

    return services.renew()


def defer_renewal() -> None:
    """Has it done by a job, in the transaction of what makes it necessary, unless one waits already."""
    try:
        with transaction.atomic():  # a refusal must not take what is around it along
            renew.configure(queueing_lock="likeness").defer()
    except exceptions.AlreadyEnqueued:
        return
