"""Hash trees against the vectors of RFC 6962's reference code (merkletree tests of CT)."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampling.merkle import (
    LEAF,
    inclusion_path,
    leaf_hash,
    level_above,
    node,
    root,
    root_by_path,
)

LEAVES = [
    leaf_hash(bytes.fromhex(content))
    for content in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
#: Leaf (counted from 1), size of the tree, inclusion proof.
PROOFS = [
    (1, 1, []),
    (
        1,
        8,
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        6,
        8,
        [
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (3, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
    (
        2,
        5,
        [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
]


def level(size: int) -> bytes:
    return b"".join(LEAVES[:size])


def test_the_hash_of_a_leaf_is_that_of_the_rfc():
    expected = "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56"
    assert leaf_hash(b"L123456").hex() == expected


@pytest.mark.parametrize("size", range(9))
def test_the_roots_are_those_of_the_rfc(size):
    assert root(level(size)).hex() == ROOTS[size]


@pytest.mark.parametrize(("leaf", "size", "path"), PROOFS)
def test_the_inclusion_proofs_are_those_of_the_rfc(leaf, size, path):
    assert [hash_.hex() for hash_ in inclusion_path(level(size), leaf - 1)] == path


@given(st.integers(1, 70), st.data())
def test_every_path_leads_from_its_leaf_to_the_root_and_no_other_does(size, data):
    leaves = b"".join(sha256(bytes([i])).digest() for i in range(size))
    index = data.draw(st.integers(0, size - 1))
    path = inclusion_path(leaves, index)

    assert root_by_path(node(leaves, index), index, size, path) == root(leaves)
    if path:
        bent = [*path[:-1], sha256(path[-1]).digest()]
        assert root_by_path(node(leaves, index), index, size, bent) != root(leaves)
        with pytest.raises(ValueError, match="too short"):
            root_by_path(node(leaves, index), index, size, path[:-1])
    with pytest.raises(ValueError, match="too long"):
        root_by_path(node(leaves, index), index, size, [*path, path[0] if path else LEAF * 32])
    with pytest.raises(ValueError, match=f"no leaf {size}"):
        root_by_path(node(leaves, index), size, size, path)


def test_an_inner_node_cannot_be_passed_off_as_a_leaf():
    """The second-preimage attack on trees whose leaves and nodes are hashed alike."""
    two_nodes = level_above(level(4))
    assert root(two_nodes) == root(level(4))

    forged = leaf_hash(level(2)) + leaf_hash(level(4)[64:])
    assert root(forged) != root(level(4))


def test_a_higher_level_has_the_same_root_and_gives_the_upper_part_of_a_path():
    leaves = b"".join(sha256(bytes([i])).digest() for i in range(37))
    blocks = level_above(leaves, 3)

    assert root(blocks) == root(leaves)
    within = inclusion_path(leaves[32 * 32 :], 35 - 32)
    assert within + inclusion_path(blocks, 35 // 8) == inclusion_path(leaves, 35)


def test_a_node_that_is_not_there_has_no_path():
    with pytest.raises(ValueError, match="no node 8 among 8"):
        inclusion_path(level(8), 8)
