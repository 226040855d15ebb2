"""Forty people at their desks: quick, impatient, sometimes absent, and sometimes far too late."""

import random
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from tests.bars.desk import Answer, Desk, Held, Unanswered, read_case, toasts
from tests.bars.journal import Asked, Granted, Journal, Reported, Vanished

DOUBLE, ABANDON, ZOMBIE = 0.20, 0.03, 0.06  # shares of the cases that come up
NO_ANSWER, HARD_REFUSAL, DEAD_NUMBER = "41", "22", "51"  # the last two end the calls of the case
ENDINGS = {NO_ANSWER: 0.5, HARD_REFUSAL: 0.3, DEAD_NUMBER: 0.2}
THINKS = (0.05, 0.25)  # seconds between two keys
WAITS = (0.3, 1.0)  # seconds before the same is tried again
GIVES_UP = 60.0  # seconds of trying the same
TRY_AGAIN = frozenset({500, 502, 503})
CASE, OUTCOME = "/calls/case", "/calls/case/outcome"


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
        held = None
        while time.time() < self.until:
            held = self._handle(held) if held else self.take()
            if held is None:
                time.sleep(self.dice.uniform(*WAITS))

    def take(self) -> Held | None:
        """Ask for the next case and open its page; None if there is none."""
        asked = time.time()
        token = {"csrf_token": self.desk.token}
        answer = self._ask("claim", lambda: self.desk.post("/calls/next", token))
        return self._open(answer, asked)[0]

    def _open(self, answer: Answer, asked: float) -> tuple[Held | None, str]:
        """Go where *answer* leads; return the case that is there, and the whole page.

        *asked* is when the case may first have been given: an answer may have been lost before.
        """
        if not answer.location.endswith(CASE):
            return None, self._ask("desk", lambda: self.desk.get("/calls/")).text
        page = self._ask("page", lambda: self.desk.get(CASE))
        if page.status == 200:
            return read_case(page.text), page.text
        self.journal.write(Vanished(self.desk.login, asked, time.time()))
        return None, page.text

    def _handle(self, held: Held) -> Held | None:
        """Work one case; return the next one, which comes up by itself after a report."""
        fate = self.dice.random()
        leaves = fate < ABANDON
        seen = (self.desk.login, held.case, held.fence, time.time(), held.lease_until)
        self.journal.write(Granted(*seen, abandoned=leaves))
        if leaves:
            time.sleep(self.dice.uniform(1.2, 1.8) * self.lease)
            return None
        self._think()
        dialled = self.dice.random() < 0.8 and self._dial(held)
        if fate < ABANDON + ZOMBIE:
            time.sleep(self.dice.uniform(1.2, 1.8) * self.lease)
        self._think()
        return self._report(held, self._ending(dialled=dialled))

    def _dial(self, held: Held) -> bool:
        answer = self._ask("dial", lambda: self.desk.post("/calls/case/dial", held.form()))
        return answer.status in {200, 303}

    def _ending(self, *, dialled: bool) -> str:
        """Choose a disposition; nobody refuses who was not called."""
        code = self.dice.choices(list(ENDINGS), list(ENDINGS.values()))[0]
        return code if dialled else NO_ANSWER

    def _report(self, held: Held, disposition: str) -> Held | None:
        """Report until there is an answer; one in five is sent twice, at once or afterwards."""
        said = {"disposition": disposition, "note": "演示备注", "by_hand": "1"}
        form = held.form(key=held.key, **said)
        begun, twice = time.time(), self.dice.random() < DOUBLE
        at_once = twice and self.dice.random() < 0.5
        after = self._send(held, form, self._click_twice if at_once else self._click, begun)
        if twice and not at_once:
            after = self._send(held, form, self._click, begun)
        return after

    def _send(
        self,
        held: Held,
        form: dict[str, str],
        click: Callable[[dict[str, str]], list[Answer | None]],
        begun: float,
    ) -> Held | None:
        """Send a report that was begun at *begun* until it is answered, and follow the answer."""
        limit = time.time() + GIVES_UP
        while time.time() < limit:
            sent = time.time()
            answers = click(form)
            done = time.time()
            settled = [answer for answer in answers if answer and answer.status not in TRY_AGAIN]
            after, text = None, ""
            if len(settled) == len(answers):
                after, text = self._open(settled[-1], begun)
            said = [each for each in toasts(text) if each.startswith(f"P1-{held.case:07}:")]
            for answer in answers:
                status = answer.status if answer else None
                name = (self.desk.login, held.case, held.fence, held.key, form["disposition"])
                self.journal.write(Reported(*name, sent, done, status, said))
            if text:
                return after
            time.sleep(self.dice.uniform(*WAITS))
        raise GaveUp(self.desk.login)

    def _click(self, form: dict[str, str]) -> list[Answer | None]:
        try:
            return [self.desk.post(OUTCOME, form)]
        except Unanswered:
            return [None]

    def _click_twice(self, form: dict[str, str]) -> list[Answer | None]:
        return self.desk.post_twice(OUTCOME, form)

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
