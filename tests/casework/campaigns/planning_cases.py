"""A small province for the tests of planning: 3 units of 6 counties, and one alone."""

import numpy as np

from casework.campaigns.belief import Assumptions, Belief
from casework.campaigns.designing import Counties
from casework.demo.henan import henan_answers, henan_costs

LEAD = np.array([name == "not_achieved" for name in henan_answers().names])


def province(target_share=0.85, frame_size=800):
    """Counties with targets at this share of their ledgers."""
    units = [f"u{k}" for k in range(3) for _ in range(6)] + ["alone"]
    H = len(units)
    sizes = np.broadcast_to(np.asarray(frame_size), (H,)).astype(np.int64)
    return Counties(
        names=[f"c{h}" for h in range(H)],
        projects=["re_employment"] * H,
        units=units,
        frame_size=sizes,
        target=np.floor(sizes * np.broadcast_to(target_share, (H,))),
    )


def assumptions(counties, mean=0.965, **belief):
    return Assumptions(
        Belief(np.full(len(counties.names), mean), **belief), henan_answers(), henan_costs()
    )


def rates(yes, unresolved):
    """Visit rates by class: those who say no are leads, the deemed are few, so both are whole."""
    answers = henan_answers()
    found = np.full(len(answers.names), float(unresolved))
    found[answers.names.index("achieved")] = yes
    found[answers.names.index("deemed")] = 1.0
    found[LEAD] = 1.0
    return found
