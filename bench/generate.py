"""Where does the channel of the benchmarks come from? Makes it once per size, and says where it lies.

    python bench/generate.py [--partners N] [--data DIR]

Per partner about 5 people, 10 certificates, 3 surveys, 20 sales, 7 references, over three years, and bad rows
of every kind; the demo's generator makes it, with its `bench` profile and always the same seed.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from hashlib import sha256
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

import hanse.demo
from hanse.demo.catalogue import catalogue_of
from hanse.demo.channel import AS_OF, generate

EDITION = Path(__file__).parent / "edition"
SEED = 2017
PARTNERS = 1_000_000
DATA = Path(tempfile.gettempdir()) / "hanse-bench"
DONE = "generated.json"


def channel(partners: int, data: Path = DATA) -> Path:
    """The folder of a channel of so many partners; made if it is not there, or by another generator."""
    folder = data / f"{partners}"
    made_by = {"partners": partners, "seed": SEED, "as_of": AS_OF.isoformat(), "generator": _generator()}
    done = folder / DONE
    if done.is_file() and json.loads(done.read_text(encoding="utf-8")) == made_by:
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("Making the channel", total=partners)
        generate(
            folder,
            partners=partners,
            seed=SEED,
            catalogue=catalogue_of(EDITION),
            profile="bench",
            bad_rows=True,
            on_progress=lambda finished, _: progress.update(task, completed=finished),
        )
    done.write_text(json.dumps(made_by), encoding="utf-8")
    return folder


def _generator() -> str:
    """The content of whatever decides what the channel is: the generator and the edition's competencies."""
    sources = [*sorted(Path(str(hanse.demo.__file__)).parent.glob("*.*")), EDITION / "competencies.yaml"]
    return sha256(b"".join(path.read_bytes() for path in sources if path.is_file())).hexdigest()[:16]


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description="Make the channel of the benchmarks.")
    parser.add_argument("--partners", type=int, default=PARTNERS)
    parser.add_argument("--data", type=Path, default=DATA, help=f"where channels are kept ({DATA})")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    folder = channel(asked.partners, asked.data)
    size = sum(path.stat().st_size for path in folder.iterdir())
    if asked.json:
        figures = [{"name": "size", "value": round(size / 1e6, 1), "unit": "MB", "must": None, "holds": None}]
        print(json.dumps({"bench": "generate", "versions": {}, "figures": figures}))
        return
    print(f"{folder}: {asked.partners:,} partners, {size / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
