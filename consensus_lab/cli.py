"""The command consensus-lab. Each sub-command is a module of the folder commands."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from io import TextIOWrapper

from . import __version__
from .errors import ConsensusLabError

COMMANDS = {
    "check": "check whether a recorded history keeps to a consistency model",
    "page": "write a scenario as a page that plays without Jupyter",
}
"""What each is for. Its module has options(parser), and run(options) -> exit status."""

WRONG, INTERRUPTED = 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status. Nothing that goes wrong shows a traceback."""
    try:
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")  # not every terminal knows a ✓
        options = parser().parse_args(arguments)
        status: int = options.run(options)
        sys.stdout.flush()
        return status
    except ConsensusLabError as error:
        return _complain(str(error))
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # whoever read what we print has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return WRONG
    except Exception as error:
        kind = type(error).__name__
        return _complain(f"this is a mistake of ours, please report it: {kind}: {error}")


def _complain(problem: str) -> int:
    print(f"consensus-lab: {problem}", file=sys.stderr)
    return WRONG


def parser() -> argparse.ArgumentParser:
    """All sub-commands and their options."""
    whole = argparse.ArgumentParser(
        prog="consensus-lab", description="Checkers for recorded histories of replicated systems."
    )
    whole.add_argument("--version", action="version", version=__version__)
    commands = whole.add_subparsers(required=True, metavar="COMMAND")
    for name, purpose in COMMANDS.items():
        module = import_module(f".commands.{name}", __package__)
        part = commands.add_parser(
            name,
            help=purpose,
            description=module.__doc__,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.options(part)
        part.set_defaults(run=module.run)
    return whole
