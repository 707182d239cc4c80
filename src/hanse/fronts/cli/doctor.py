"""`hanse doctor`: what is wrong with the installation, and how is it mended?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from hanse.installation.health import Finding

WRONG = 1
_MOST = 20


def doctor(
    *,
    mend: Annotated[bool, typer.Option("--mend", help="Put right what can be put right safely.")] = False,
    json: Annotated[bool, typer.Option("--json", help="As data, for programs.")] = False,
) -> None:
    """Look at everything the installation stands on; exit code 1 where something is wrong."""
    from hanse.fronts.cli.tables import console, print_json, print_problems, progress

    mended: list[str] = []
    with progress("doctor") as tell:
        found = list(_told(_looked(), tell))
        if mend:
            mended = [finding.mend() for finding in found if finding.problem and finding.mend]
        if mended:  # whether that helped, only another look can say
            found = list(_told(_looked(), tell))
    wrong = [finding for finding in found if finding.problem]
    if json:
        print_json({
            "sound": not wrong, "mended": mended,
            "checks": [{"check": f.check, "ok": f.problem is None, "says": f.says, "mendable": f.mend is not None,
                        "problem": vars(f.problem) if f.problem else None} for f in found],
        })  # fmt: skip
    else:
        from rich.text import Text

        to = console()
        for finding in found:
            mark = Text("wrong  ", style="bold red") if finding.problem else Text("ok     ", style="green")
            to.print(mark + Text(f"{finding.check:<12}{finding.says}", style="default"), soft_wrap=True)
        for done in mended:
            to.print(f"mended: {done}", soft_wrap=True)
        print_problems([f.problem for f in wrong if f.problem], as_json=False)
        if not mend and any(f.problem and f.mend for f in found):
            to.print("\nhanse doctor --mend puts some of this right.")
    if wrong:
        raise typer.Exit(WRONG)


def _told(findings: Iterable[Finding], tell: object) -> Iterator[Finding]:
    for number, finding in enumerate(findings):
        if callable(tell):
            tell(finding.check, number, 0)
        yield finding


def _looked() -> Iterator[Finding]:
    """Every check in turn; where the database cannot be used, those that need it are left out, and that is said."""
    from hanse.installation import address, health, rules, start, unfinished
    from hanse.language.problems import HanseError

    yield from health.of_the_machine()
    try:
        start.ready(must_be_initialised=not start.begun(), pages=True)
    except HanseError as error:
        yield from (health.Finding("database", problem.what, problem) for problem in error.problems)
        return
    with address.connect() as connection:
        yield from health.of_the_server(connection)
        try:
            start.check_initialised()
        except HanseError as error:
            yield from (health.Finding("migrations", problem.what, problem) for problem in error.problems)
            return
        yield health.Finding("migrations", "all are applied")
        yield from rules.of_the_rules(connection)
        yield from map(_mendable, unfinished.of_the_files(connection))
        yield from map(_mendable, unfinished.of_the_work(connection))
    yield from _trail()
    registry = list(_registry())
    yield from registry
    if not any(finding.problem for finding in registry):  # which the directory is made from
        yield from _directory()


def _mendable(finding: Finding) -> Finding:
    """Adds how an app finishes what was interrupted."""
    from dataclasses import replace

    mends = {"imports": _resume, "runs": _recover, "erasures": _complete}
    return replace(finding, mend=mends[finding.check]) if finding.check in mends else finding


def _resume() -> str:
    from hanse.apps.accounts.actors import operator
    from hanse.apps.imports import services

    return f"{len(services.resume(actor=operator()))} imports completed"


def _complete() -> str:
    from hanse.apps.standings import services

    return f"{services.complete_erasures()} files of runs no longer name who was erased"


def _recover() -> str:
    from hanse.apps.evaluation import services

    cleared = services.recover()
    return f"{len(cleared)} interrupted runs cleared away"


def _trail() -> Iterator[Finding]:
    from hanse.apps.audit import selectors
    from hanse.installation.health import Finding

    found = selectors.verify()
    if found.first_wrong:
        yield Finding("audit", found.first_wrong.problem.what, found.first_wrong.problem)
    else:
        yield Finding("audit", f"{found.entries:,} entries hold, head {found.head}")


def _registry() -> Iterator[Finding]:
    from hanse.apps.registry import selectors, services
    from hanse.installation.health import Finding
    from hanse.language.problems import Problem

    differing = selectors.differences(_MOST)
    if not differing:
        yield Finding("registry", "it says what the facts say")
        return

    def refresh() -> str:
        services.refresh(None)
        return "the registry was made anew from the facts"

    yield Finding("registry", f"differs from the facts at {len(differing)} places", Problem(
        "the registry", "it is not what the facts say", "; ".join(differing[:3]), "hanse doctor --mend makes it anew",
    ), mend=refresh)  # fmt: skip


def _directory() -> Iterator[Finding]:
    from hanse.apps.directory import selectors, services
    from hanse.installation.health import Finding
    from hanse.language.problems import Problem

    differing = selectors.differences(_MOST)
    if not differing:
        yield Finding("directory", "it says what registry, facts and standings say")
        return

    def renew() -> str:
        return f"the directory was made anew, of {services.rebuild():,} partners"

    yield Finding("directory", f"is behind at {len(differing)} places", Problem(
        "the directory", "partners are not found by what they are now", "; ".join(differing[:3]),
        "hanse doctor --mend makes it anew; a worker (hanse work) does so by itself",
    ), mend=renew)  # fmt: skip
