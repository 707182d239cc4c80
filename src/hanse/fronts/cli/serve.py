"""`hanse serve`: the pages, for browsers, and beside them the worker that judges whom new facts concern."""

from __future__ import annotations

import atexit
import gc
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from importlib import import_module
from typing import Annotated, Any

import typer

from hanse.language.problems import CallError, Problem

WSGI = "hanse.config.wsgi:application"
_ONLY_HERE = ("127.0.0.1", "localhost", "::1")
_EVERYWHERE = ("0.0.0.0", "::")
_WORK = (sys.executable, "-m", "hanse.fronts.cli.main", "work", "--while-read")
# seconds that a thread without work, and with it its connection to the database, is kept: as long as may be
_KEPT = 600
_PAUSE, _PATIENCE = 5.0, 60.0  # seconds before a worker that ended is begun anew; and that it may take to end


def serve(
    *,
    host: Annotated[str, typer.Option(help="Where to listen; 0.0.0.0 is everywhere.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port to listen on.")] = 8000,
    workers: Annotated[
        int, typer.Option(min=0, help="How many processes answer; 0: one for each processor, at most 4.")
    ] = 0,
    threads: Annotated[int, typer.Option(min=1, help="How many requests each answers at a time.")] = 4,
    worker: Annotated[
        bool, typer.Option("--worker/--no-worker", help="Do what hanse work does, too: judge whom new facts concern.")
    ] = True,
) -> None:
    """Serve the pages until Ctrl-C: the partners' portal and the vendor's desk; and do the jobs, as hanse work does.

    Without HANSE_HOSTS they answer to this machine only, over plain HTTP. For others name the hosts
    (HANSE_HOSTS=partners.example.org) and put a proxy in front that speaks HTTPS and sends X-Forwarded-Proto.
    """
    from hanse.fronts.cli.tables import console
    from hanse.fronts.pages import assets
    from hanse.installation import start

    assets.check_built()
    if not is_free(host, port):
        raise CallError(Problem(
            f"--port {port}", f"the port {port} of {host} is taken", "another program listens there already",
            f"end that one, or take another port: hanse serve --port {next_free(host, port)}",
        ))  # fmt: skip
    start.ready(pages=True)
    from hanse.apps.accounts.selectors import anybody

    to = console()
    to.print(f"Hanse is at {address_of(host, port)} (Ctrl-C ends it)", soft_wrap=True)
    if not anybody():
        to.print("Nobody can sign in yet. In another window, for the first account:", soft_wrap=True)
        to.print(
            "  hanse users add you@vendor.example; hanse users grant you@vendor.example channel_chief", soft_wrap=True
        )
        to.print("  hanse users password you@vendor.example", soft_wrap=True)
    run(host=host, port=port, workers=workers, threads=threads, worker=worker)


def run(*, host: str, port: int, workers: int = 0, threads: int = 4, worker: bool = True) -> None:
    """Answers requests until this process is told to end, and does the jobs meanwhile if `worker`."""
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    # begun anew and not forked: a fork copies locks that other threads hold, and the other end of the worker's pipe
    multiprocessing.set_start_method("spawn", force=True)
    with working() if worker else nullcontext():
        server = Granian(
            WSGI, address=host, port=port, interface=Interfaces.WSGI, workers=workers or min(4, os.cpu_count() or 1),
            blocking_threads=threads, blocking_threads_idle_timeout=_KEPT, log_level=LogLevels.warning,
            respawn_failed_workers=True, workers_kill_timeout=10,
        )  # fmt: skip
        # who closes the window, ends the server
        server.on_startup(lambda: signal.signal(signal.SIGHUP, server.signal_handler_interrupt))
        server.serve(target_loader=application, wrap_loader=False)


def application() -> Any:
    """The pages, in one of the processes that answer: it ends when it is told to, or when this one's parent is gone.

    In a group of its own, so that a Ctrl-C reaches the parent alone: told twice at the same moment, it would hang.
    """
    from multiprocessing import parent_process

    os.setpgid(0, 0)
    atexit.register(os._exit, 0)  # last of all: a request still answered would meet an interpreter half taken down
    parent = parent_process()

    def orphaned() -> None:
        if parent is not None:
            parent.join()
            os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=orphaned, name="hanse-parent", daemon=True).start()
    found = getattr(import_module(WSGI.partition(":")[0]), WSGI.partition(":")[2])
    gc.freeze()  # what was loaded stays: to look through it again and again for garbage costs a request 5 %
    gc.set_threshold(10_000)
    return found


def address_of(host: str, port: int) -> str:
    """The address to open in a browser of this machine."""
    shown = "localhost" if host in (*_ONLY_HERE, *_EVERYWHERE) else host
    return f"http://{shown}:{port}/"


def is_free(host: str, port: int) -> bool:
    """May one listen there? Servers that share a port would answer in turns, so this is asked first."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # one that has just ended is no hindrance
        try:
            tried.bind((host, port))
        except PermissionError as error:
            raise CallError(Problem(
                f"--port {port}", f"this user may not listen on {port}", "ports below 1024 are root's",
                "take a port above, and let a proxy listen on 80 and 443",
            )) from error  # fmt: skip
        except socket.gaierror as error:
            raise CallError(Problem(
                f"--host {host}", "it is no address of this machine", str(error.strerror), "give 127.0.0.1, or 0.0.0.0"
            )) from error  # fmt: skip
        except OSError:
            return False
    return True


def next_free(host: str, port: int) -> int:
    """The first free port after one. Raises CallError where the next hundred are taken."""
    for one in range(port + 1, min(port + 101, 65536)):
        if is_free(host, one):
            return one
    why = "other programs listen on them"
    raise CallError(Problem(f"--port {port}", "the next hundred ports are taken", why, "give a free one with --port"))


@contextmanager
def working() -> Iterator[None]:
    """A worker beside this process, begun anew should it end; it ends with this process, however that ends.

    It reads from a pipe whose other end this process alone holds. A Ctrl-C is not for it: the job at hand is finished.
    """
    ending = threading.Event()
    begun: list[subprocess.Popen[bytes]] = []

    def supervise() -> None:
        while not ending.is_set():
            process = subprocess.Popen(_WORK, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True)
            begun[:] = [process]
            process.wait()
            ending.wait(_PAUSE)

    thread = threading.Thread(target=supervise, name="hanse-worker", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ending.set()
        for process in begun:
            if process.stdin is not None:
                process.stdin.close()
        thread.join(_PATIENCE)
