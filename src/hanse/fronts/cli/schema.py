"""`hanse schema`: the JSON Schema of an edition's files, for editors and other tools."""

from __future__ import annotations

from typing import Annotated

import typer

_FILE = "Only the schema of this file (programme, metrics, cases ...), which an editor can be pointed at."


def schema(*, file: Annotated[str | None, typer.Option(metavar="NAME", help=_FILE)] = None) -> None:
    """Print the JSON Schema of an edition's files. Editors complete and check with it."""
    from hanse.fronts.cli.tables import print_json
    from hanse.language import schema as made

    print_json(made.schema() if file is None else made.schema_of(file))
