import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling.draw import draw, frame_digest, order_key, sample_digest

IDS = [f"e{i}" for i in range(60)]
STRATA = [f"s{i % 3}" for i in range(60)]


def test_a_key_is_the_hash_of_seed_separator_and_entry():
    assert order_key("种子", "e1") == hashlib.sha256("种子".encode() + b"\x1fe1").hexdigest()


def test_the_sample_of_a_stratum_is_its_smallest_keys_in_key_order():
    rows = draw(IDS, STRATA, {"s0": 4, "s2": 20}, "seed")

    keys = sorted((order_key("seed", e), e) for e, s in zip(IDS, STRATA, strict=True) if s == "s0")
    assert [(r.key, r.entry_id) for r in rows if r.stratum == "s0"] == keys[:4]
    assert [r.rank for r in rows] == [*range(1, 5), *range(1, 21)]
    assert {r.stratum for r in rows} == {"s0", "s2"}


@settings(deadline=None)
@given(st.integers(0, 20), st.permutations(range(60)))
def test_a_smaller_draw_is_the_beginning_of_a_larger_one_whatever_the_order(n, order):
    shuffled = [IDS[i] for i in order], [STRATA[i] for i in order]

    assert draw(*shuffled, {"s1": n}, "seed") == draw(IDS, STRATA, {"s1": 20}, "seed")[:n]
    assert frame_digest(*shuffled) == frame_digest(IDS, STRATA)


def test_every_entry_is_equally_likely():
    drawn = [r.entry_id for i in range(1600) for r in draw(IDS, STRATA, {"s0": 5}, f"seed {i}")]

    # 1600 draws of 5 in 20: mean 400, standard deviation sqrt(1600 * 0.25 * 0.75) < 18.
    assert all(abs(drawn.count(e) - 400) < 5 * 18 for e in IDS[::3])


@pytest.mark.parametrize(
    ("ids", "strata", "sizes", "seed", "words"),
    [
        (["a", "b", "a"], ["s", "s", "t"], {"s": 1}, "x", "'a' occurs 2 times"),
        (["a", "b"], ["s", "s"], {"s": 3}, "x", "3 of the 2 entries of stratum 's'"),
        (["a", "b"], ["s", "s"], {"s": -1}, "x", "stratum 's'"),
        (["a", "b"], ["s", "s"], {"t": 1}, "x", "stratum 't' is not in the frame"),
        (["a", "b"], ["s"], {"s": 1}, "x", "2 entry ids but 1 strata"),
        (["a", ""], ["s", "s"], {"s": 1}, "x", "entry_id '' is empty"),
        (["a", "b"], ["s", "s\x1f"], {"s": 1}, "x", "control character"),
        (["a", "b"], ["s", "s"], {"s": 1}, "", "the seed is empty"),
    ],
)
def test_what_cannot_be_drawn_is_refused_by_name(ids, strata, sizes, seed, words):
    with pytest.raises(ValueError, match=words):
        draw(ids, strata, sizes, seed)


def test_digests_change_with_a_stratum_an_entry_or_the_order_of_the_sample():
    assert frame_digest(["a", "b"], ["s", "t"]) != frame_digest(["a", "b"], ["t", "s"])
    rows = draw(IDS, STRATA, {"s0": 2}, "seed")
    assert sample_digest(rows) != sample_digest(rows[::-1])


def test_the_digest_of_a_frame_is_that_of_its_sorted_lines():
    assert frame_digest(["b", "a"], ["t", "s"]) == hashlib.sha256(b"a\x1fs\nb\x1ft\n").hexdigest()
