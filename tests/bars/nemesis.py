"""Who kills: a web process, gunicorn's master, one backend of PostgreSQL, all of PostgreSQL."""

import random
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import psutil

from tests.bars.journal import Journal, Killed
from tests.bars.servers import Server

PAUSES = (3.0, 6.0)  # seconds between two kills


@dataclass
class Nemesis:
    """Kills by SIGKILL; what nobody else starts again, it starts again."""

    web: Server
    database: Server
    journal: Journal
    dice: random.Random

    def rage(self, until: float) -> None:
        """Kill until *until*, each thing about as often; in the thread that started the servers."""
        kinds: list[tuple[str, Callable[[], None]]] = []
        while time.time() < until:
            time.sleep(min(self.dice.uniform(*PAUSES), max(until - time.time(), 0)))
            if not kinds:
                kinds = [
                    ("web_worker", self.kill_web_worker),
                    ("web_master", self.kill_web_master),
                    ("backend", self.kill_backend),
                    ("database", self.kill_database),
                ]
                self.dice.shuffle(kinds)
            if time.time() < until:
                what, kill = kinds.pop()
                self.journal.write(Killed(what, time.time()))
                kill()

    def kill_web_worker(self) -> None:
        self._kill_one(self.web.below())

    def kill_web_master(self) -> None:
        """What a master leaves behind, its supervisor ends before it starts another one."""
        self.web.kill(children=True)
        self.web.start()

    def kill_backend(self) -> None:
        self._kill_one([each for each in self.database.below() if _serves_a_client(each)])

    def kill_database(self) -> None:
        self.database.kill(children=True)
        self.database.start()

    def _kill_one(self, processes: list[psutil.Process]) -> None:
        if processes:
            with suppress(psutil.NoSuchProcess):
                self.dice.choice(processes).kill()


def _serves_a_client(process: psutil.Process) -> bool:
    """Tell a backend from PostgreSQL's own processes by the title it gives itself."""
    with suppress(psutil.NoSuchProcess):
        return process.cmdline()[0].startswith("postgres: postgres heyan")
    return False
