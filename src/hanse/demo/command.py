"""How is a channel made from a command line? By `hanse demo-channel`, or `python -m hanse.demo`."""

from __future__ import annotations

from datetime import date, datetime
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from hanse.demo.catalogue import catalogue_of
from hanse.demo.channel import AS_OF, generate
from hanse.language.problems import CallError, Problem

_Day = Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The last day of the channel's three years.")]


def demo_channel(
    *,
    out: Annotated[Path, typer.Option(help="The folder for the tables; it is made if need be.")],
    partners: Annotated[int, typer.Option(help="How many partners.")] = 5_000,
    seed: Annotated[int, typer.Option(help="Another seed makes another channel.")] = 2017,
    format: Annotated[str, typer.Option(help="parquet or csv.")] = "parquet",
    profile: Annotated[str, typer.Option(help="demo: every table; bench: six lean tables.")] = "demo",
    edition: Annotated[str, typer.Option(help="The programme: a name or a folder.")] = "partnerworld/2017",
    as_of: _Day = datetime.combine(AS_OF, datetime.min.time()),  # noqa: B008
    bad_rows: Annotated[bool | None, typer.Option(help="With rows that are wrong on purpose.")] = None,
) -> None:
    """Make a believable channel from a seed: partners, people, certificates, sales and the other facts."""
    catalogue = catalogue_of(edition_folder(edition))
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("Making the channel", total=partners)
        channel = generate(
            out,
            partners=partners,
            seed=seed,
            catalogue=catalogue,
            as_of=date(as_of.year, as_of.month, as_of.day),
            format=format,
            profile=profile,
            bad_rows=bad_rows,
            on_progress=lambda done, _: progress.update(task, completed=done),
        )
    rows, bad = sum(channel.rows.values()), sum(channel.bad.values())
    typer.echo(f"{out}: {partners:,} partners, {len(channel.rows)} tables, {rows:,} rows, {bad:,} bad on purpose")


def edition_folder(edition: str) -> Path:
    """The folder of an edition, given as a folder or as the name of a shipped one. Raises CallError."""
    shipped = Path(str(files("hanse.editions"))) / edition
    for folder in (Path(edition), shipped):
        if (folder / "programme.yaml").is_file():
            return folder
    raise CallError(
        Problem(
            f"--edition {edition}",
            "there is no such edition",
            "neither a folder with a programme.yaml nor a shipped edition has this name",
            "name a folder, or a shipped edition such as partnerworld/2017",
        )
    )
