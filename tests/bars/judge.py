"""The verdict on a storm: what the operators saw, held against what the database kept.

A pure function. In a storm no disposition brings a case back before its end, so a case has at most
one closed call; a case that comes up again does so because a lease ran out.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.bars.journal import Granted, History, Reported

REGRANT_LIMIT = 15.0  # seconds after its lease ran out, by which a wanted case is granted again
#: What a client may see while servers are killed; None is no answer.
EXPECTED = frozenset({200, 302, 303, 409, 502, 503, None})


@dataclass(frozen=True, slots=True)
class StoredOutcome:
    """A closed call as the database has it."""

    key: str
    case: int
    fence: int
    who: str
    disposition: str


@dataclass(frozen=True, slots=True)
class Stored:
    """What the database holds after the storm."""

    outcomes: list[StoredOutcome]
    claims: dict[int, list[float]]  #: of each case, when it was claimed
    finished: dict[int, int]  #: how often the phone was done with a case
    held: dict[int, float]  #: cases still held, and until when
    late: set[str]  #: keys of the reports that were kept for the supervisor
    audited_outcomes: int
    audited_claims: int
    audited_late: int
    broken_link: int | None  #: of the audit chain


@dataclass(frozen=True, slots=True)
class Verdict:
    """Every kind of finding with its cases or keys, and figures of no blame."""

    findings: dict[str, list[str]]
    figures: dict[str, float] = field(default_factory=dict)

    @property
    def clear(self) -> bool:
        return not any(self.findings.values())

    def counts(self) -> dict[str, int]:
        return {kind: len(found) for kind, found in self.findings.items()}


def judge(history: History, stored: Stored, *, lease: float, until: float) -> Verdict:
    """Return what is wrong.

    Parameters
    ----------
    lease
        How long a hold lasts, in seconds.
    until
        When the last operator stopped asking for cases, in seconds since the epoch.
    """
    waits = list(_waits(history, stored))
    checks = {
        "lost": _lost(history, stored),
        "late_lost": _late_lost(history, stored),
        "changed": _changed(history, stored),
        "never_sent": _never_sent(history, stored),
        "double_holders": _double_holders(history, lease),
        "double_outcomes": _double_outcomes(stored),
        "late_accepted": _late_accepted(history),
        "refused_too_early": _refused_too_early(history),
        "replays_differ": _replays_differ(history),
        "not_granted_again": _not_granted_again(history, stored, until),
        "still_held": (
            f"case {case}" for case, end in stored.held.items() if until - end > REGRANT_LIMIT
        ),
        "audit": _audit(stored),
        "odd_answers": _odd_answers(history),
    }
    found = {kind: sorted(set(each)) for kind, each in checks.items()}
    return Verdict(found, _figures(history) | {"regrant_max_s": round(max(waits, default=0.0), 1)})


def _first_sent(history: History) -> dict[str, float]:
    """Return when each report was first sent, by its key."""
    first: dict[str, float] = {}
    for report in history.reported:
        first[report.key] = min(report.sent, first.get(report.key, report.sent))
    return first


def _lost(history: History, stored: Stored) -> Iterator[str]:
    kept = {outcome.key for outcome in stored.outcomes}
    for report in history.reported:
        if report.acknowledged and report.key not in kept:
            yield f"case {report.case} key {report.key}"


def _late_lost(history: History, stored: Stored) -> Iterator[str]:
    """A report was refused as coming too late, and is not kept for the supervisor."""
    for report in history.reported:
        if report.status == 409 and report.key not in stored.late:
            yield f"case {report.case} key {report.key}"


def _changed(history: History, stored: Stored) -> Iterator[str]:
    """An acknowledged outcome stands under another case, hold, operator or disposition."""
    kept = {outcome.key: outcome for outcome in stored.outcomes}
    for report in history.reported:
        sent = StoredOutcome(report.key, report.case, report.fence, report.who, report.disposition)
        if report.acknowledged and kept.get(report.key, sent) != sent:
            yield f"case {report.case} key {report.key}: {kept[report.key]}"


def _never_sent(history: History, stored: Stored) -> Iterator[str]:
    sent = {report.key for report in history.reported}
    for key in {outcome.key for outcome in stored.outcomes} | stored.late:
        if key not in sent:
            yield f"key {key}"


def _double_holders(history: History, lease: float) -> Iterator[str]:
    """Two were given one case at a time when the first certainly held it still.

    A hold does not end before the time that its page told, unless its report was sent.
    """
    reported: dict[tuple[int, int, str], float] = {}
    for report in history.reported:
        place = (report.case, report.fence, report.who)
        reported[place] = min(report.sent, reported.get(place, report.sent))
    for gone in history.vanished:
        if gone.seen < gone.asked + lease:
            yield f"{gone.who}: the case given at {gone.asked:.3f} is another's"
    for case, grants in _by_case(history).items():
        for one, other in ((a, b) for a in grants for b in grants if a.fence <= b.fence):
            if one.fence == other.fence and one.who < other.who:
                yield f"case {case} fence {one.fence}: {one.who}, {other.who}"
            end = min(one.lease_until, reported.get((case, one.fence, one.who), one.lease_until))
            if one.fence < other.fence and other.seen < end:
                yield f"case {case} fences {one.fence}, {other.fence}: {one.who}, {other.who}"


def _double_outcomes(stored: Stored) -> Iterator[str]:
    closed = Counter(outcome.case for outcome in stored.outcomes)
    for case, times in closed.items():
        if times > 1:
            yield f"case {case}: {times} closed calls"
    for case, times in stored.finished.items():
        if times > 1:
            yield f"case {case}: finished {times} times"


def _late_accepted(history: History) -> Iterator[str]:
    """A report was accepted that was first sent after somebody else had seen the case."""
    first, grants = _first_sent(history), _by_case(history)
    for report in history.reported:
        later = [g.seen for g in grants.get(report.case, ()) if g.fence > report.fence]
        if report.acknowledged and later and first[report.key] > min(later):
            yield f"case {report.case} key {report.key}"


def _refused_too_early(history: History) -> Iterator[str]:
    """A report was refused, as coming too late, while the lease certainly ran."""
    leases = {(g.case, g.fence, g.who): g.lease_until for g in history.granted}
    for report in history.reported:
        if report.status == 409 and report.done < leases[report.case, report.fence, report.who]:
            yield f"case {report.case} key {report.key}"


def _replays_differ(history: History) -> Iterator[str]:
    """One report, sent several times, was answered in several ways."""
    answers: dict[str, list[Reported]] = defaultdict(list)
    for report in sorted(history.reported, key=lambda report: report.done):
        if report.status in {303, 409, 404}:
            answers[report.key].append(report)
    for key, given in answers.items():
        said = {text for report in given for text in report.said}
        if len({report.status for report in given}) > 1 or len(said) > 1:
            yield f"case {given[0].case} key {key}: {sorted(said)}"


def _not_granted_again(history: History, stored: Stored, until: float) -> Iterator[str]:
    for grant in history.granted:
        if not grant.abandoned:
            continue
        wait = _wait(grant, stored)
        if (until - grant.lease_until if wait is None else wait) > REGRANT_LIMIT:
            yield f"case {grant.case} fence {grant.fence}"


def _waits(history: History, stored: Stored) -> Iterator[float]:
    for grant in history.granted:
        wait = _wait(grant, stored) if grant.abandoned else None
        if wait is not None:
            yield wait


def _wait(grant: Granted, stored: Stored) -> float | None:
    """Return how long after its lease an abandoned case was claimed again, if it was."""
    after = [at for at in stored.claims.get(grant.case, ()) if at >= grant.lease_until]
    return min(after) - grant.lease_until if after else None


def _audit(stored: Stored) -> Iterator[str]:
    if stored.broken_link is not None:
        yield f"the chain is broken at row {stored.broken_link}"
    for what, kept, audited in (
        ("outcomes", len(stored.outcomes), stored.audited_outcomes),
        ("claims", sum(map(len, stored.claims.values())), stored.audited_claims),
        ("late reports", len(stored.late), stored.audited_late),
    ):
        if kept != audited:
            yield f"{kept} {what}, {audited} in the trail"


def _odd_answers(history: History) -> Iterator[str]:
    """Answers that no client should see, even now."""
    for asked in history.asked:
        if asked.status not in EXPECTED:
            yield f"{asked.what}: {asked.status} at {asked.done:.3f}"
    for report in history.reported:
        if report.status not in EXPECTED:
            yield f"outcome: {report.status} at {report.done:.3f}"


def _by_case(history: History) -> dict[int, list[Granted]]:
    cases: dict[int, list[Granted]] = defaultdict(list)
    for grant in history.granted:
        cases[grant.case].append(grant)
    return cases


def _figures(history: History) -> dict[str, float]:
    """How much happened, and how soon after each kind of kill something succeeded again."""
    lines = [*history.asked, *history.reported]
    keys = Counter(report.key for report in history.reported if report.acknowledged)
    figures: dict[str, float] = {
        "acknowledged": len(keys),
        "replays": sum(keys.values()) - len(keys),
        "late": len({r.key for r in history.reported if r.status == 409}),
        "kills": len(history.killed),
        "answers_500": sum(line.status == 500 for line in lines),
        "answers_503": sum(line.status in {502, 503} for line in lines),
        "no_answer": sum(line.status is None for line in lines),
    }
    good = sorted((x.sent, x.done) for x in lines if x.status in {200, 302, 303})
    for kill in history.killed:
        after = min((done for sent, done in good if sent >= kill.at), default=float("inf"))
        name = f"back_after_{kill.what}_s"
        figures[name] = round(max(after - kill.at, figures.get(name, 0.0)), 2)
    return figures
