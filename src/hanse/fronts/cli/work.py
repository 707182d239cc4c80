"""`hanse work`: does what is to be done by itself: partners judged anew after new facts, and everybody every night."""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import Annotated

import typer


def work(
    *,
    once: Annotated[bool, typer.Option("--once", help="Do what is waiting, and stop.")] = False,
    while_read: Annotated[bool, typer.Option("--while-read", hidden=True, help="Until standard input ends.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="What was done, as JSON (with --once).")] = False,
) -> None:
    """Do the jobs: judge whom new facts concern, and everybody every night. Runs until it is told to end."""
    from hanse.fronts.cli.tables import console, print_json
    from hanse.installation.start import ready

    ready()
    from hanse.apps.evaluation import jobs

    if while_read:
        threading.Thread(target=_end_with_input, daemon=True).start()
    waiting = jobs.waiting()
    if not once and not as_json and not while_read:
        console(stderr=True).print(f"{waiting} jobs are waiting; Ctrl-C ends the work after the job at hand.")
    jobs.work(once=once)
    left, failed = jobs.waiting(), jobs.failed()
    if as_json:
        print_json({"done": max(0, waiting - left), "waiting": left, "failed": failed})
    elif once:
        console().print(f"{max(0, waiting - left)} jobs done, {left} waiting, {len(failed)} failed.")
    if once and failed:
        raise typer.Exit(1)


def _end_with_input() -> None:
    """Whoever began this process holds the other end of its input: when that is gone, so is the reason to work."""
    while sys.stdin.buffer.read(1024):
        pass
    os.kill(os.getpid(), signal.SIGINT)
