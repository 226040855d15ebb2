"""Child processes that are kept alive, and that never outlive their parent."""

import ctypes
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

PR_SET_PDEATHSIG = 1  # linux/prctl.h
RESTARTS = 5
RESTART_WINDOW = 60.0

# Loaded before any fork: a child may not load libraries between fork and exec.
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with_parent() -> None:
    """Ask the kernel to end this process with its parent; for ``preexec_fn``. Linux only."""
    if _libc:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class ChildKeepsFalling(Exception):
    """A child process stopped again and again."""


@dataclass
class Child:
    """One program that should always run.

    It gets a session of its own, so that Ctrl-C reaches the parent alone, which then ends
    its children in order.
    """

    name: str
    command: Sequence[str]
    environment: dict[str, str]
    ready: Callable[[subprocess.Popen[bytes]], None] | None = None  #: waits until it can be used
    process: subprocess.Popen[bytes] | None = None
    falls: list[float] = field(default_factory=list)

    def start(self) -> None:
        """Start the program and wait until it can be used."""
        self.process = subprocess.Popen(  # noqa: S603 - the commands are ours
            self.command,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=die_with_parent,  # noqa: PLW1509 - it makes one system call
        )
        if self.ready:
            self.ready(self.process)

    def keep(self) -> None:
        """Start the program again if it has stopped.

        Raises
        ------
        ChildKeepsFalling
            If it stopped more than five times within a minute.
        """
        if self.process is None or self.process.poll() is None:
            return
        now = time.monotonic()
        self.falls = [fall for fall in self.falls if now - fall < RESTART_WINDOW] + [now]
        if len(self.falls) > RESTARTS:
            raise ChildKeepsFalling(f"{self.name} stopped {len(self.falls)} times within a minute")
        self.start()

    def stop(self, patience: float = 20.0, last: float = 5.0) -> None:
        """End the program: ask, ask again (a background worker then drops its job), insist.

        Parameters
        ----------
        patience, last : float
            Seconds to wait after asking for the first and the second time.
        """
        if self.process is None:
            return
        for seconds in (patience, last):
            if self.process.poll() is not None:
                return
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                continue
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def look_after(children: Sequence[Child], stopping: Callable[[float], bool]) -> None:
    """Run *children* until *stopping* says so, then end them, the last started first.

    Parameters
    ----------
    stopping : callable
        Waits at most the seconds it is given and says whether to end, as ``Event.wait`` does.
    """
    try:
        for child in children:
            child.start()
        while not stopping(1.0):
            for child in children:
                child.keep()
    finally:
        for child in reversed(children):
            child.stop()
