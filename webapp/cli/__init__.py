"""The command line ``heyan``. Exit status: 0 fine, 1 the input has problems, 2 wrong usage."""

import argparse
import importlib
import sys
from collections.abc import Sequence

# One module of this package for each command; it has add_to(commands), which adds its parser
# and sets ``run``, a function of the parsed arguments that returns the exit status.
COMMANDS = (
    "ledger",
    "plan",
    "rehearse",
    "draw",
    "estimate",
    "run",
    "report",
    "bundle",
    "demo",
    "serve",
    "worker",
    "migrate",
    "user",
)


def main(words: Sequence[str] | None = None) -> int:
    """Carry out the command that *words* (by default the process's own) name."""
    parser = argparse.ArgumentParser(
        prog="heyan", description="核验: phone survey and field visits"
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    words = sys.argv[1:] if words is None else words
    # Only the command that is asked for is imported; the help needs them all.
    for name in [name for name in COMMANDS if name in words[:1]] or COMMANDS:
        importlib.import_module(f"webapp.cli.{name}").add_to(commands)
    arguments = parser.parse_args(words)
    status: int = arguments.run(arguments)
    return status
