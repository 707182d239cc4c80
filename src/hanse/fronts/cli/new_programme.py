"""`hanse new-programme`: a small edition that works, with remarks and cases, to change into one's own."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Annotated

import typer

from hanse.language.problems import CallError, Problem

STARTER = Path(__file__).resolve().parent / "starter"
_NAME = re.compile(r"[a-z][a-z0-9_]*$")


def new_programme(
    name: Annotated[
        Path,
        typer.Argument(metavar="NAME", help="The folder to make; its last part is the programme's name."),
    ],
) -> None:
    """Write a small working edition to start from: 3 levels, 3 competencies, 5 metrics, cases that pass."""
    from hanse.fronts.cli.tables import console

    files = write(name)
    to = console()
    to.print(f"{name} is an edition that works:", soft_wrap=True)
    for path in files:
        to.print(f"  {path.relative_to(name).as_posix():22}{_first_remark(path)}", soft_wrap=True)
    to.print(f"\nChange it, and after every change: hanse check {name}", soft_wrap=True)


def write(folder: Path) -> list[Path]:
    """Writes the edition and returns its files. Raises CallError for a bad name, or one that is taken."""
    programme = folder.resolve().name.lower().replace("-", "_")
    if not _NAME.match(programme):
        why = "a programme is called by lower-case letters, digits and _, beginning with a letter"
        raise CallError(
            Problem("NAME", f"{folder.name!r} cannot name a programme", why, "choose a name such as harbour")
        )
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        why = "nothing that is there already is written over"
        raise CallError(Problem("NAME", f"{folder} is there already", why, "choose another name, or move it away"))
    try:
        shutil.copytree(STARTER, folder, dirs_exist_ok=True, copy_function=shutil.copyfile)
    except OSError as error:
        why = error.strerror or "the folder cannot be made"
        raise CallError(
            Problem("NAME", f"{folder} cannot be written", why, "choose a place that can be written")
        ) from error
    described = folder / "programme.yaml"
    title = programme.replace("_", " ").capitalize()
    text = described.read_text(encoding="utf-8").replace("programme: starter", f"programme: {programme}".ljust(18), 1)
    described.write_text(text.replace("Starter", title), encoding="utf-8")
    order = ["programme", "countries", "metrics", "competencies", "levels", "benefits"]
    return [*(folder / f"{one}.yaml" for one in order), *sorted(folder.glob("cases/*.yaml"))]


def _first_remark(path: Path) -> str:
    """What the file says of itself, up to the first full stop."""
    return path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ").partition(". ")[0].rstrip(".")
