import hashlib

import pytest

from sampling.visits import sealed_number


def test_the_sealed_number_is_the_head_of_the_hash():
    head = hashlib.sha256(b"seed\x1fvisit\x1fe1").digest()[:8]

    assert sealed_number("seed", "e1") == int.from_bytes(head, "big") / 2**64


def test_sealed_numbers_are_spread_evenly_and_differ_from_the_order_of_the_draw():
    numbers = [sealed_number("seed", f"e{i}") for i in range(4000)]

    assert sum(u < 0.2 for u in numbers) == pytest.approx(800, abs=5 * 26)
    assert min(numbers) >= 0
    assert max(numbers) < 1
