"""`hanse places`: finds where every partner is, anew."""

from __future__ import annotations

from typing import Annotated

import typer


def places(*, as_json: Annotated[bool, typer.Option("--json", help="How many, as JSON.")] = False) -> None:
    """Find where everybody is: after an upgrade, or with newer towns. What people have chosen stays."""
    from hanse.fronts.cli.tables import console, print_json
    from hanse.installation.start import ready

    ready()
    from hanse.apps.accounts.actors import operator
    from hanse.apps.places.selectors import coverage
    from hanse.apps.standings.placing import place_everybody

    place_everybody()
    found = coverage(actor=operator())
    if as_json:
        print_json({"fact": found.fact, "found": found.found, "hand": found.hand, "unknown": found.unknown})
    else:
        console().print(
            f"{found.known:,} places are known ({found.fact:,} by their own coordinates, {found.found:,} by their "
            f"town, {found.hand:,} as a person has said); {found.unknown:,} are not."
        )
