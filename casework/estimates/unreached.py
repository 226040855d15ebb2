"""What the people whom nobody reached could change, kept with every figure."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from estimation.p_values import p_values
from estimation.survey import Runs, Survey
from estimation.tipping import Scenario, Tip, pattern_mixture, tipping_points


def unreached(survey: Survey, runs: Runs, *, phone_accepted: bool) -> list[dict[str, Any]]:
    """Return the what-if of each domain, ready to be kept as JSON.

    Returns
    -------
    list of dict
        ``tipping``: how many nobody reached, the part of the frame they stand for, the share of
        them that must be genuine for the estimate to reach the task, and by how many the decision
        and the estimate turn; ``what_if``: the estimate if the unresolved were less often genuine
        than the others; ``p``: how strongly the data speak for met and for not met.
    """
    points = tipping_points(survey, phone_accepted=phone_accepted)
    scenarios = pattern_mixture(survey, phone_accepted=phone_accepted)
    evidence = p_values(survey, runs, phone_accepted=phone_accepted)
    return [
        {
            "tipping": {
                "unreached": int(points.unreached[d]),
                "unreached_share": _known(points.unreached_share[d]),
                "point": points.point[d].value,
                "point_share": _known(points.point_share[d]),
                "point_tips": _tips(points.point_tips[d]),
                "decision_tips": _tips(points.decision_tips[d]),
            },
            "what_if": [_scenario(one, d) for one in scenarios],
            "p": {"met": _known(evidence.met[d]), "not_met": _known(evidence.not_met[d])},
        }
        for d in range(len(survey.domains))
    ]


def _tips(tips: Sequence[Tip]) -> list[dict[str, Any]]:
    return [
        {"side": tip.side.value, "cases": tip.cases, "becomes": tip.becomes.value} for tip in tips
    ]


def _scenario(one: Scenario, d: int) -> dict[str, Any]:
    return {
        "ratio": one.ratio,
        "shift": one.shift,
        "completed": _known(one.completed[d]),
        "decision": one.decision[d].value,
    }


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
