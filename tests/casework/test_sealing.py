import os
from dataclasses import dataclass

import pytest

from casework.sealing import Keyring, SealBroken, SealedText, blind_index, seal, unseal, use_keys

CELL = {"table": "ledger_entry", "column": "name", "row": "a" * 32}


@pytest.fixture(autouse=True)
def _keys(app):
    """The application loads its keys; these tests only need some to be loaded."""


@dataclass
class Row:
    uid: str
    name_sealed: bytes | None = None
    __tablename__ = "row"
    name = SealedText()


def test_what_is_sealed_opens_and_reads_nothing_like_it():
    sealed = seal("演示甲".encode(), **CELL)

    assert unseal(sealed, **CELL).decode() == "演示甲"
    assert "演示甲".encode() not in sealed


def test_the_same_text_never_seals_alike():
    assert seal(b"x", **CELL) != seal(b"x", **CELL)


@pytest.mark.parametrize("moved", [{"table": "t"}, {"column": "c"}, {"row": "b" * 32}])
def test_a_cell_moved_elsewhere_does_not_open(moved):
    sealed = seal(b"x", **CELL)

    with pytest.raises(SealBroken):
        unseal(sealed, **(CELL | moved))


def test_an_altered_or_cut_cell_does_not_open():
    sealed = seal(b"x", **CELL)

    for broken in (sealed[:-1], sealed[:-1] + bytes([sealed[-1] ^ 1]), b"", b"\x01short"):
        with pytest.raises(SealBroken):
            unseal(broken, **CELL)


def test_an_attribute_is_sealed_in_its_row():
    row = Row("c" * 32)
    row.name = "演示乙"

    assert row.name == "演示乙"
    assert "演示乙".encode() not in row.name_sealed


def test_an_empty_text_leaves_an_empty_cell():
    row = Row("c" * 32)
    row.name = ""

    assert row.name_sealed is None
    assert row.name == ""


def test_equal_values_of_one_column_have_one_index_that_another_key_does_not_give(app):
    first = blind_index("410102198503150125", column="id_no")

    assert blind_index("410102198503150125", column="id_no") == first
    assert blind_index("410102198503150125", column="phone") != first
    use_keys(Keyring(os.urandom(32), os.urandom(32)))
    assert blind_index("410102198503150125", column="id_no") != first
    use_keys(Keyring.load(app.config["KEY_FILE"]))


def test_a_key_file_is_made_once_and_only_its_owner_reads_it(tmp_path):
    path = tmp_path / "keys.json"

    keys = Keyring.create(path)

    assert Keyring.load(path) == keys
    assert path.stat().st_mode & 0o777 == 0o400
    with pytest.raises(FileExistsError):
        Keyring.create(path)
