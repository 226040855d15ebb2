import os
import sys
import time

import pytest

from tests.servers import wait_until
from webapp.children import RESTARTS, Child, ChildKeepsFalling, look_after


def child(code: str, name: str = "child") -> Child:
    return Child(name, [sys.executable, "-c", code], dict(os.environ))


def runs(child: Child) -> bool:
    return child.process is not None and child.process.poll() is None


SLEEPER = "import time; time.sleep(60)"


def test_children_run_until_told_to_stop_and_then_end():
    first, second = child(SLEEPER), child(SLEEPER)
    seen = []

    def stopping(seconds: float) -> bool:
        seen.append((runs(first), runs(second)))
        return True

    look_after([first, second], stopping)

    assert seen == [(True, True)]
    assert not runs(first)
    assert not runs(second)


def test_a_child_that_falls_is_started_again():
    fallen = child(SLEEPER)
    fallen.start()
    first = fallen.process
    fallen.process.kill()
    fallen.process.wait()

    fallen.keep()

    assert runs(fallen)
    assert fallen.process is not first
    fallen.stop()


def test_a_child_that_keeps_falling_stops_everything():
    faller, other = child("", "faller"), child(SLEEPER)

    with pytest.raises(ChildKeepsFalling, match=f"faller stopped {RESTARTS + 1} times"):
        look_after([other, faller], lambda _: time.sleep(0.05))

    assert not runs(other)


def test_a_child_that_does_not_listen_is_asked_twice_and_then_killed(tmp_path):
    signals = tmp_path / "signals"
    deaf = child(
        "import signal, time\n"
        f"signal.signal(15, lambda *_: open({str(signals)!r}, 'a').write('x'))\n"
        f"open({str(signals)!r}, 'w').close()\n"
        "while True: time.sleep(60)"
    )
    deaf.start()
    assert wait_until(signals.exists, seconds=10)

    deaf.stop(patience=0.3, last=0.3)

    assert not runs(deaf)
    assert signals.read_text() == "xx"
