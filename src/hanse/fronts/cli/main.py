"""`hanse`: the command line. Each command is one file beside this one and is loaded when it is called.

Whatever is wrong with the input reaches the user as place, what, why and remedy on standard error, as JSON
where `--json` is given, and with exit code 1 (the edition or a case is wrong) or 2 (the call is wrong).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Annotated, NoReturn

import typer

from hanse.language.problems import CallError, HanseError, Problem

INTERRUPTED = 130
_ABOUT = "Partner programmes written as data: evaluated, explained and rehearsed."


@dataclass(frozen=True)
class Command:
    """Where a command is, and the line that lists it. `function` is one, or a typer.Typer with commands of its own."""

    module: str
    function: str
    says: str


COMMANDS = {
    "init": Command("hanse.fronts.cli.init", "init", "Make the installation, or bring it up to this version."),
    "doctor": Command("hanse.fronts.cli.doctor", "doctor", "Say what is wrong with the installation."),
    "backup": Command("hanse.fronts.cli.backup", "backup", "Write the whole installation into one file."),
    "restore": Command("hanse.fronts.cli.restore", "restore", "Fill an empty installation from a backup."),
    "import": Command("hanse.fronts.cli.import_file", "import_file", "Import files of facts."),
    "undo": Command("hanse.fronts.cli.undo", "undo", "Take an import back."),
    "check": Command("hanse.fronts.cli.check", "check", "Validate editions and run their cases."),
    "evaluate": Command("hanse.fronts.cli.evaluate", "evaluate", "Judge every partner on a day."),
    "explain": Command("hanse.fronts.cli.explain", "explain", "Say why a partner stands where it stands."),
    "editions": Command("hanse.fronts.cli.editions", "editions", "Install, publish and retire programme editions."),
    "runs": Command("hanse.fronts.cli.runs", "runs", "List evaluations, and see whether one comes out again."),
    "history": Command("hanse.fronts.cli.history", "history", "Tell how a partner's level moved, and why."),
    "levels": Command("hanse.fronts.cli.levels", "levels", "Show levels over time."),
    "facts": Command("hanse.fronts.cli.facts", "facts", "See what is on record; correct, waive, erase."),
    "places": Command("hanse.fronts.cli.places", "places", "Find where every partner is, anew."),
    "work": Command("hanse.fronts.cli.work", "work", "Judge whom new facts concern, and everybody every night."),
    "rehearse": Command("hanse.fronts.cli.rehearse", "rehearse", "Show what a changed edition would do."),
    "new-programme": Command("hanse.fronts.cli.new_programme", "new_programme", "Write a small edition to start from."),
    "match": Command("hanse.fronts.cli.match", "match", "Find the records that are the same firm."),
    "firms": Command("hanse.fronts.cli.firms", "firms", "Keep one record per firm: merge, undo, see who said what."),
    "convert": Command("hanse.fronts.cli.convert_lines", "convert", "Convert money as the metrics do."),
    "schema": Command("hanse.fronts.cli.schema", "schema", "Print the JSON Schema of an edition's files."),
    "demo-channel": Command("hanse.demo.command", "demo_channel", "Make a believable channel from a seed."),
    "users": Command("hanse.fronts.cli.users", "users", "Say who may do what, and until when."),
    "audit": Command("hanse.fronts.cli.audit", "audit", "Read the trail of who did what, and prove it unaltered."),
    "serve": Command("hanse.fronts.cli.serve", "serve", "Serve the pages: portal and desk."),
    "demo": Command("hanse.fronts.cli.demo", "demo", "Walk through it all over 5,000 partners, then look around."),
}


def app_main(arguments: Sequence[str] | None = None) -> NoReturn:
    """The entry point: runs the command and exits with its code."""
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str]) -> int:
    """Runs one call and returns its exit code."""
    as_json = "--json" in arguments
    try:
        code = app_for(arguments)(args=list(arguments) or ["--help"], prog_name="hanse", standalone_mode=False)
        return int(code or 0) if arguments else CallError.exit_code
    except HanseError as error:
        return _report(error.problems, error.exit_code, as_json)
    except typer.TyperException as error:
        return _report([_misuse(error)], CallError.exit_code, as_json)
    except (typer.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except BrokenPipeError:
        return _nobody_listens()
    except OSError as error:
        what = error.strerror or str(error)
        remedy = "look at the file, its rights and the space on the disk"
        place = str(error.filename or "the call")
        problem = Problem(place, what, "the operating system refused to read or write it", remedy)
        return _report([problem], CallError.exit_code, as_json)


def app_for(arguments: Sequence[str]) -> typer.Typer:
    """All commands by name; only the one that is called is loaded, and so has its options."""
    app = typer.Typer(help=_ABOUT, pretty_exceptions_enable=False, rich_markup_mode="rich")
    app.callback(epilog="hanse COMMAND --help says more about one of them.")(_always)
    called = next((word for word in arguments if not word.startswith("-")), "")
    completing = "_HANSE_COMPLETE" in os.environ
    for name, command in COMMANDS.items():
        found = _loaded(command) if completing or name == called else _stub(command)
        if isinstance(found, typer.Typer):
            app.add_typer(found, name=name, short_help=command.says)
        else:
            app.command(name, short_help=command.says)(found)
    return app


def _print_version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version as version_of

        typer.echo(f"hanse {version_of('hanse')}")
        raise typer.Exit


_VERSION = typer.Option("--version", help="Print the version and exit.", is_eager=True, callback=_print_version)


def _always(*, version: Annotated[bool, _VERSION] = False) -> None:
    """What holds for every command."""


def _loaded(command: Command) -> Callable[..., None] | typer.Typer:
    found: Callable[..., None] | typer.Typer = getattr(import_module(command.module), command.function)
    return found


def _stub(command: Command) -> Callable[[], None]:
    def stands_in_the_list() -> None:
        pass

    stands_in_the_list.__doc__ = command.says
    return stands_in_the_list


def _misuse(error: typer.TyperException) -> Problem:
    """What typer says about a call that it cannot read."""
    context = getattr(error, "ctx", None)
    path = getattr(context, "command_path", "hanse")
    said = getattr(error, "format_message", error.__str__)()
    usage = context.get_usage().removeprefix("Usage: ") if context else "hanse COMMAND"
    return Problem(path, said.rstrip("."), f"the call must read: {usage}", f"{path} --help says what may stand there")


def _nobody_listens() -> int:
    """Whoever read the output has gone (`hanse schema | head`): no error, and the rest is dropped."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _report(problems: Sequence[Problem], code: int, as_json: bool) -> int:
    from hanse.fronts.cli.tables import print_problems

    print_problems(problems, as_json=as_json)
    return code


if __name__ == "__main__":
    app_main()
