"""A small channel of the demo, evaluated once for the tests of this folder and of the command line."""

from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path

from hanse.demo.catalogue import catalogue_of
from hanse.demo.channel import generate
from hanse.engines import run
from hanse.engines.duck import DuckEngine
from hanse.language import edition as editions
from hanse.language.context import Days

EDITION = "partnerworld/2017"
DAY = date(2017, 6, 30)


@cache
def loaded(name: str = EDITION) -> editions.Edition:
    return editions.load(name)


def made(folder: Path, *, partners: int = 250, format: str = "parquet") -> tuple[Path, Path]:
    """The folder of facts and that of the finished run."""
    catalogue = catalogue_of(Path(str(files("hanse.editions"))) / EDITION)
    facts, out = folder / "facts", folder / "out"
    generate(facts, partners=partners, seed=7, catalogue=catalogue, as_of=DAY, format=format)
    with DuckEngine(facts, loaded().tables, memory="1GB") as engine:
        run.evaluate(engine, loaded(), Days(DAY, DAY), out)
    return facts, out
