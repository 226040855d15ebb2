"""heyan draw, as people outside call it."""

import csv
import hashlib
import json
from collections import Counter

import pytest

from webapp.cli import main

FRAME = [(f"e{i:03d}", ("郑州", "洛阳", "开封")[i % 3], "ignored") for i in range(90)]
SIZES = {"郑州": 5, "洛阳": 30, "开封": 0}


@pytest.fixture
def folder(tmp_path):
    write(tmp_path / "frame.csv", "entry_id,stratum,note", FRAME)
    write(tmp_path / "sizes.csv", "stratum,sample_size", SIZES.items())
    return tmp_path


def write(path, header, rows):
    lines = [header, *(",".join(map(str, row)) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def draw(folder, *more, seed="种子 2017"):
    files = [f"--{n}={folder / f}" for n, f in (("frame", "frame.csv"), ("sizes", "sizes.csv"))]
    out = [f"--out={folder / 'sample.csv'}", f"--manifest={folder / 'm.json'}"]
    return main(["draw", *files, *out, "--seed", seed, *more])


def verify(folder, capsys):
    capsys.readouterr()
    files = [f"--frame={folder / 'frame.csv'}", f"--manifest={folder / 'm.json'}"]
    status = main(["draw", "verify", *files, "--json"])
    found = json.loads(capsys.readouterr().out)
    assert found["ok"] is (status == 0)
    return {each["what"] for each in found["differences"]}


def change(path, **values):
    manifest = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(manifest | values), encoding="utf-8")


def test_the_sample_is_exactly_the_smallest_keys(folder):
    assert draw(folder) == 0

    # An outsider's recomputation, from the contract alone.
    strata = {}
    for row in csv.DictReader((folder / "frame.csv").read_text(encoding="utf-8").splitlines()):
        key = hashlib.sha256("种子 2017".encode() + b"\x1f" + row["entry_id"].encode()).hexdigest()
        strata.setdefault(row["stratum"], []).append((key, row["entry_id"]))
    expected = ["stratum,rank,entry_id,key"]
    for stratum in sorted(strata):
        for rank, (key, entry) in enumerate(sorted(strata[stratum])[: SIZES[stratum]], 1):
            expected.append(f"{stratum},{rank},{entry},{key}")
    assert (folder / "sample.csv").read_text(encoding="utf-8").splitlines() == expected


def test_the_manifest_seals_what_was_drawn_from_and_what_came_out(folder, capsys):
    draw(folder, "--json")

    manifest = json.loads((folder / "m.json").read_text(encoding="utf-8"))
    assert json.loads(capsys.readouterr().out) == manifest
    lines = sorted(f"{entry}\x1f{stratum}\n" for entry, stratum, _ in FRAME)
    assert manifest["frame_digest"] == hashlib.sha256("".join(lines).encode()).hexdigest()
    assert manifest["version"] == 1
    assert manifest["seed"] == "种子 2017"
    assert manifest["sizes"] == SIZES
    assert (manifest["frame_rows"], manifest["sample_rows"]) == (90, 35)


def test_a_draw_verifies_from_another_folder_too(folder, capsys, monkeypatch):
    draw(folder)
    monkeypatch.chdir("/")

    assert verify(folder, capsys) == set()


def test_a_changed_frame_is_named(folder, capsys):
    draw(folder)
    write(folder / "frame.csv", "entry_id,stratum", [row[:2] for row in FRAME[1:]])

    assert "frame" in verify(folder, capsys)


def test_a_changed_seed_is_named(folder, capsys):
    draw(folder)
    change(folder / "m.json", seed="another")

    assert {"seed", "sample"} <= verify(folder, capsys)


def test_changed_sizes_are_named(folder, capsys):
    draw(folder)
    change(folder / "m.json", sizes=SIZES | {"郑州": 6})
    assert "sizes" in verify(folder, capsys)

    change(folder / "m.json", sizes={"郑州": 31})
    assert "sizes" in verify(folder, capsys)


def test_a_sample_in_another_order_is_named(folder, capsys):
    draw(folder)
    lines = (folder / "sample.csv").read_text(encoding="utf-8").splitlines()
    lines[1], lines[2] = lines[2], lines[1]
    (folder / "sample.csv").write_text("\n".join(lines), encoding="utf-8")

    assert "order" in verify(folder, capsys)


def test_a_sample_with_an_entry_exchanged_is_named(folder, capsys):
    draw(folder)
    path = folder / "sample.csv"
    text = path.read_text(encoding="utf-8")
    drawn = {line.split(",")[2] for line in text.splitlines()[1:]}
    spare = next(e for e, s, _ in FRAME if s == "郑州" and e not in drawn)
    gone = next(line.split(",")[2] for line in text.splitlines() if line.startswith("郑州"))
    path.write_text(text.replace(gone, spare), encoding="utf-8")

    assert verify(folder, capsys) == {"sample"}


def test_every_problem_of_the_input_is_listed_with_its_row(folder, capsys):
    write(folder / "frame.csv", "entry_id,stratum", [("a", "s"), ("", "s"), ("a", "s")])
    assert draw(folder, "--json") == 1
    problems = json.loads(capsys.readouterr().out)["problems"]
    assert [(p["row"], p["rule"]) for p in problems] == [
        (3, "empty"),
        (2, "repeated"),
        (4, "repeated"),
    ]

    write(folder / "frame.csv", "entry_id,stratum", [("a", "s"), ("b", "s")])
    write(folder / "sizes.csv", "stratum,sample_size", [("s", 3), ("t", 1), ("s", "x")])
    assert draw(folder, "--json") == 1
    problems = json.loads(capsys.readouterr().out)["problems"]
    rules = Counter(p["rule"] for p in problems)
    assert rules == {"too_large": 1, "unknown_stratum": 1, "repeated": 1}
    assert "'s'" in problems[0]["message"]
    assert not (folder / "sample.csv").exists()


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"entry,stratum\na,b\n", "missing_column"),
        ("entry_id,stratum\n张,三\n".encode("gb18030"), "encoding"),
        (b"entry_id,stratum\na\n", "row_length"),
        (b"", "missing_column"),
    ],
)
def test_an_unusable_file_gets_one_clear_problem(folder, capsys, content, rule):
    (folder / "frame.csv").write_bytes(content)

    assert draw(folder, "--json") == 1
    problems = json.loads(capsys.readouterr().out)["problems"]
    assert rule in {p["rule"] for p in problems}


def test_a_byte_order_mark_is_no_problem(folder):
    path = folder / "frame.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())

    assert draw(folder) == 0


def test_wrong_usage_is_status_2(folder, capsys):
    assert main(["draw", "--seed", "x"]) == 2
    assert "--frame" in capsys.readouterr().err
    assert draw(folder / "nowhere") == 2
    assert main(["draw", "verify"]) == 2
    assert "--manifest" in capsys.readouterr().err


def test_a_file_that_is_no_manifest_is_a_problem(folder):
    (folder / "m.json").write_text("{}", encoding="utf-8")

    assert (
        main(
            ["draw", "verify", f"--frame={folder / 'frame.csv'}", f"--manifest={folder / 'm.json'}"]
        )
        == 1
    )


def test_without_the_sample_file_only_the_manifest_is_recomputed(folder, capsys):
    draw(folder)
    (folder / "sample.csv").rename(folder / "moved.csv")

    assert verify(folder, capsys) == set()
    files = [
        f"--{name}={folder / file}"
        for name, file in (("frame", "frame.csv"), ("manifest", "m.json"))
    ]
    assert main(["draw", "verify", *files, f"--sample={folder / 'moved.csv'}"]) == 0
    assert "moved.csv" in capsys.readouterr().out
