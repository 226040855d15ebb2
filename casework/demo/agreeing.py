"""Coordinator and auditor of the demonstration make the seed of a draw, as the protocol asks."""

from datetime import datetime, timedelta

import numpy as np

from casework.accounts.models import User
from casework.campaigns.protocol import (
    commit_secret,
    local_day,
    name_public_value,
    record_public_value,
    reveal_secret,
)
from casework.demo import MARK
from sampling.commitments import SECRET_BYTES, commitment

BALLS, DRAWN = 35, 5  # of the lottery that is made up here


def agree_on_seed(
    campaign_id: int, rng: np.random.Generator, *, parties: tuple[User, User], at: datetime
) -> None:
    """Take a frozen campaign to where it can be drawn from at *at*; the frame is two days older.

    Secrets, salts and the numbers of a made-up lottery come from *rng*.
    """
    named, known_on = at - timedelta(days=2), local_day(at) - timedelta(days=1)
    texts = [(_random(rng), _random(rng)) for _ in parties]
    name = f"{known_on:%Y年%-m月%-d日}彩票开奖号码（{MARK}，虚构）"
    numbers = sorted(rng.choice(BALLS, DRAWN, replace=False) + 1)
    name_public_value(campaign_id, name, known_on, actor=parties[0], at=named)
    for party, (secret, salt) in zip(parties, texts, strict=True):
        commit_secret(campaign_id, commitment(secret, salt), actor=party, at=named)
    value = " ".join(f"{number:02}" for number in numbers)
    record_public_value(campaign_id, value, actor=parties[0], at=at)
    for party, (secret, salt) in zip(parties, texts, strict=True):
        reveal_secret(campaign_id, secret, salt, actor=party, at=at)


def _random(rng: np.random.Generator) -> str:
    return rng.bytes(SECRET_BYTES).hex()
