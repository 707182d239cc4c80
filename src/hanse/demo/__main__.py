"""`python -m hanse.demo`: make a channel."""

import sys

import typer

from hanse.demo.command import demo_channel
from hanse.language.problems import HanseError

if __name__ == "__main__":
    try:
        typer.run(demo_channel)
    except HanseError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(error.exit_code)
