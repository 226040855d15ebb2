"""Forty people at their desks: quick, impatient, sometimes absent, and sometimes far too late."""

import random
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from tests.bars.desk import Answer, Desk, Held, Unanswered, read_case, toasts
from tests.bars.journal import Asked, Granted, Journal, Reported, Vanished

DOUBLE, ABANDON, ZOMBIE = 0.20, 0.03, 0.06  # shares of the cases that come up
ENDINGS = {"41": 0.5, "22": 0.3, "51": 0.2}  # no answer; the last two end the calls of the case
THINKS = (0.05, 0.25)  # seconds between two keys
WAITS = (0.3, 1.0)  # seconds before the same is tried again
GIVES_UP = 60.0  # seconds of trying the same
TRY_AGAIN = frozenset({500, 502, 503})


class GaveUp(Exception):
    """The site did not answer for a minute."""


@dataclass
class Operator:
    """One person, with a dice of his own so that a seed gives the same day."""

    desk: Desk
    journal: Journal
    dice: random.Random
    lease: float  #: seconds
    until: float  #: seconds since the epoch

    def work(self) -> None:
        """Take cases and report on them until the end; logged in already. Raises GaveUp."""
        while time.time() < self.until:
            asked = time.time()
            held = self.take(asked)
            if held is None:
                time.sleep(self.dice.uniform(*WAITS))
                continue
            self._handle(held)

    def take(self, asked: float) -> Held | None:
        """Ask for the next case and open its page; None if there is none."""
        token = {"csrf_token": self.desk.token}
        answer = self._ask("claim", lambda: self.desk.post("/calls/next", token))
        if not answer.location.endswith("/calls/case"):
            return None
        page = self._ask("page", lambda: self.desk.get("/calls/case"))
        if page.status == 200:
            return read_case(page.text)
        self.journal.write(Vanished(self.desk.login, asked, time.time()))
        return None

    def _handle(self, held: Held) -> None:
        fate = self.dice.random()
        leaves = fate < ABANDON
        seen = (self.desk.login, held.case, held.fence, time.time(), held.lease_until)
        self.journal.write(Granted(*seen, abandoned=leaves))
        if leaves:
            time.sleep(self.dice.uniform(1.2, 1.8) * self.lease)
            return
        self._think()
        if self.dice.random() < 0.8:
            self._ask("dial", lambda: self.desk.post("/calls/case/dial", held.form()))
        if fate < ABANDON + ZOMBIE:
            time.sleep(self.dice.uniform(1.2, 1.8) * self.lease)
        self._think()
        self._report(held)

    def _report(self, held: Held) -> None:
        """Report until there is an answer; one in five is sent twice, at once or afterwards."""
        code = self.dice.choices(list(ENDINGS), list(ENDINGS.values()))[0]
        form = held.form(key=held.key, disposition=code, note="演示备注")
        twice = self.dice.random() < DOUBLE
        at_once = twice and self.dice.random() < 0.5
        self._send(held, form, self._click_twice if at_once else self._click)
        if twice and not at_once:
            self._think()
            self._send(held, form, self._click)

    def _send(
        self,
        held: Held,
        form: dict[str, str],
        click: Callable[[dict[str, str]], list[Answer | None]],
    ) -> None:
        limit = time.time() + GIVES_UP
        while time.time() < limit:
            sent = time.time()
            answers = click(form)
            done = time.time()
            # The first answer decides whether to go on; the desk then says what was recorded.
            settled = all(answer and answer.status not in TRY_AGAIN for answer in answers)
            said = self._said(held) if settled else []
            for answer in answers:
                status = answer.status if answer else None
                name = (self.desk.login, held.case, held.fence, held.key, form["disposition"])
                self.journal.write(Reported(*name, sent, done, status, said))
            if settled:
                return
            time.sleep(self.dice.uniform(*WAITS))
        raise GaveUp(self.desk.login)

    def _click(self, form: dict[str, str]) -> list[Answer | None]:
        try:
            return [self.desk.post("/calls/case/outcome", form)]
        except Unanswered:
            return [None]

    def _click_twice(self, form: dict[str, str]) -> list[Answer | None]:
        return self.desk.post_twice("/calls/case/outcome", form)

    def _said(self, held: Held) -> list[str]:
        """Return what the desk says was done with this case."""
        desk = self._ask("desk", lambda: self.desk.get("/calls/"))
        return [text for text in toasts(desk.text) if text.startswith(f"P1-{held.case:07}:")]

    def _ask(self, what: str, send: Callable[[], Answer]) -> Answer:
        """Send until there is an answer that is more than an excuse. Raises GaveUp."""
        limit = time.time() + GIVES_UP
        while time.time() < limit:
            sent, answer = time.time(), None
            with suppress(*Unanswered):
                answer = send()
            status = answer.status if answer else None
            self.journal.write(Asked(self.desk.login, what, sent, time.time(), status))
            if answer is not None and answer.status not in TRY_AGAIN:
                return answer
            time.sleep(self.dice.uniform(*WAITS))
        raise GaveUp(self.desk.login)

    def _think(self) -> None:
        time.sleep(self.dice.uniform(*THINKS))
