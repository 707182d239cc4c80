"""`hanse serve`: the pages, for browsers."""

from __future__ import annotations

import os
from typing import Annotated

import typer

WSGI = "hanse.config.wsgi:application"


def serve(
    *,
    host: Annotated[str, typer.Option(help="Where to listen; 0.0.0.0 is everywhere.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port to listen on.")] = 8000,
    workers: Annotated[
        int, typer.Option(min=0, help="How many processes answer; 0: one for each processor, at most 4.")
    ] = 0,
    threads: Annotated[int, typer.Option(min=1, help="How many requests each answers at a time.")] = 4,
) -> None:
    """Serve the pages until Ctrl-C: the partners' portal and the vendor's desk.

    Without HANSE_HOSTS they answer to this machine only, over plain HTTP. For others name the hosts
    (HANSE_HOSTS=partners.example.org) and put a proxy in front that speaks HTTPS and sends X-Forwarded-Proto.
    """
    from hanse.fronts.cli.tables import console
    from hanse.fronts.pages import assets
    from hanse.installation import start

    assets.check_built()
    start.ready(pages=True)
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    shown = "localhost" if host in ("127.0.0.1", "0.0.0.0", "::1", "::") else host
    console().print(f"Hanse is at http://{shown}:{port}/ (Ctrl-C ends it)", soft_wrap=True)
    Granian(
        WSGI, address=host, port=port, interface=Interfaces.WSGI, workers=workers or min(4, os.cpu_count() or 1),
        blocking_threads=threads, log_level=LogLevels.warning, respawn_failed_workers=True,
    ).serve()  # fmt: skip
