import hashlib

import pytest

from sampling.commitments import canonical_rows, commitment, row_leaves, seed_of

COLUMNS = (["e1", "e2"], ["重抽|甲", "s"], ["f" * 64] * 2, ["Sheet1"] * 2, ["2", "3"], ["c", "d"])
NONCES = bytes(range(32))
SECRET, SALT, ROOT = "ab" * 32, "cd" * 32, "12" * 32


def test_a_row_is_its_values_in_nfc_with_a_tab_between():
    decomposed = (["e"], ["cafe\u0301"], ["f"], ["s"], ["2"], ["c"])

    assert list(canonical_rows(decomposed)) == ["e\tcafé\tf\ts\t2\tc".encode()]


def test_a_row_is_committed_to_by_the_hash_of_zero_nonce_and_row():
    rows = list(canonical_rows(COLUMNS))

    expected = [
        hashlib.sha256(b"\0" + NONCES[start : start + 16] + row).digest()
        for start, row in zip((0, 16), rows, strict=True)
    ]
    assert row_leaves(COLUMNS, NONCES) == b"".join(expected)


def test_the_commitments_do_not_depend_on_how_many_rows_are_taken_at_a_time(monkeypatch):
    columns = tuple([f"{column}{i}" for i in range(7)] for column in "abcdef")
    nonces = bytes(range(112))
    at_once = row_leaves(columns, nonces)

    monkeypatch.setattr("sampling.commitments.CHUNK", 3)

    assert row_leaves(columns, nonces) == at_once


@pytest.mark.parametrize("column", range(6))
def test_any_other_value_or_nonce_is_another_commitment(column):
    changed = [list(values) for values in COLUMNS]
    changed[column][1] += "x"
    before, after = row_leaves(COLUMNS, NONCES), row_leaves(changed, NONCES)

    assert before[:32] == after[:32]
    assert before[32:] != after[32:]
    assert row_leaves(COLUMNS, NONCES[::-1])[32:] != before[32:]


@pytest.mark.parametrize(
    ("columns", "nonces", "words"),
    [
        (COLUMNS, NONCES[:-1], "2 rows"),
        ((*COLUMNS[:5], ["c"]), NONCES, "2 rows"),
        ((*COLUMNS[:5], ["c", "a\nb"]), NONCES, "line feed"),
        ((*COLUMNS[:5], ["c", "a\tb"]), NONCES, "tab"),
    ],
)
def test_rows_that_do_not_fit_are_refused(columns, nonces, words):
    with pytest.raises(ValueError, match=words):
        row_leaves(columns, nonces)


def test_a_secret_is_committed_to_by_the_hash_of_its_bytes_and_those_of_its_salt():
    expected = hashlib.sha256(bytes.fromhex(SECRET) + bytes.fromhex(SALT)).hexdigest()

    assert commitment(SECRET, SALT) == expected
    assert commitment(SALT, SECRET) != expected


@pytest.mark.parametrize("secret", ["", "ab" * 31, "AB" * 32, "xy" * 32, "ab" * 32 + "\n"])
def test_a_secret_has_64_hexadecimal_digits(secret):
    with pytest.raises(ValueError, match="secret"):
        commitment(secret, SALT)
    with pytest.raises(ValueError, match="salt"):
        commitment(SECRET, secret)


def test_the_seed_is_the_hash_of_the_parts_with_a_separator_between():
    text = f"draw-v1\x1f{ROOT}\x1f{SECRET}\x1f{SALT}\x1f开奖 0 4 7"

    assert seed_of(ROOT, [SECRET, SALT], "开奖 0 4 7") == hashlib.sha256(text.encode()).hexdigest()


def test_no_other_parts_give_the_same_seed():
    parts = [
        (ROOT, [SECRET, SALT], "7"),
        (SALT, [SECRET, ROOT], "7"),
        (ROOT, [SALT, SECRET], "7"),
        (ROOT, [SECRET], f"{SALT}7"),
        (ROOT, [SECRET], SALT),
        (ROOT, [], SECRET),
        (ROOT, [SECRET, SALT], "7 "),
    ]

    assert len({seed_of(*each) for each in parts}) == len(parts)


@pytest.mark.parametrize(
    ("root", "secrets", "value", "words"),
    [
        ("", [SECRET], "7", "root or secret"),
        (ROOT, ["x"], "7", "root or secret"),
        (ROOT, [SECRET], "", "public value"),
        (ROOT, [SECRET], f"{SALT}\x1f7", "public value"),
    ],
)
def test_parts_of_which_no_seed_can_be_made_are_refused(root, secrets, value, words):
    with pytest.raises(ValueError, match=words):
        seed_of(root, secrets, value)
