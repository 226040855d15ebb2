"""``heyan worker``: run background jobs until told to stop."""

import argparse

from webapp import create_app
from webapp.worker import make_worker


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add this command to the command line."""
    parser = commands.add_parser("worker", help="run background jobs until told to stop")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Work until SIGTERM or Ctrl-C: the job in hand is finished, a second signal drops it."""
    make_worker(create_app()).work(logging_level="WARNING")
    return 0
