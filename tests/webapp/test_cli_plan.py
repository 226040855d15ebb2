"""heyan plan and heyan rehearse, as people outside call them."""

import csv
import json

import pytest

from webapp.cli import main

HEADER = "project,unit,stratum,frame_size,target"
ROWS = [
    *("p,甲市,a,900,760", "p,甲市,b,400,330", "p,甲市,c,700,700", "p,乙市,d,1200,1230"),
    *("p,乙市,e,600,", "p,乙市,f,28,20"),
]


@pytest.fixture
def strata(tmp_path):
    def written(rows=ROWS, header=HEADER):
        path = tmp_path / "strata.csv"
        path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
        return path

    return written


def called(capsys, *words):
    status = main(list(map(str, words)))
    out, err = capsys.readouterr()
    return status, out, err


def planned(capsys, strata, *words):
    status, out, _ = called(
        capsys, "plan", "--strata", strata, "--budget", 30_000, "--json", *words
    )
    assert status == 0
    return json.loads(out)


def test_a_plan_says_what_every_stratum_gets_and_what_to_expect(strata, capsys):
    plan = planned(capsys, strata())

    assert [row["stratum"] for row in plan["strata"]] == list("abcdef")
    by_name = {row["stratum"]: row for row in plan["strata"]}
    assert all(
        20 <= by_name[name]["sample_size"] <= by_name[name]["frame_size"] for name in "abcde"
    )
    assert by_name["f"]["sample_size"] == 28  # a census
    assert by_name["c"]["remark"] == "target_equals_frame"
    assert by_name["d"]["remark"] == "target_above_frame"
    assert (by_name["d"]["not_met"], by_name["d"]["met"]) == (1, 0)
    assert by_name["e"]["met"] is None
    assert by_name["c"]["least_to_prove"] == 700
    assert plan["work"]["cases"] == sum(row["sample_size"] for row in plan["strata"])
    assert 25_000 < plan["work"]["money"] <= 30_000
    assert plan["counties"]["judged"] == 5
    parts = plan["counties"]
    total = parts["met"] + parts["not_met"] + parts["undetermined"]
    assert total == pytest.approx(5, abs=0.11)
    assert [row["unit"] for row in plan["units"]] == ["甲市", "乙市"]
    assert 0 < plan["projects"][0]["half_width"] < max(u["half_width"] for u in plan["units"])


@pytest.mark.parametrize("method", ["decisions", "neyman", "power", "proportional", "equal"])
def test_every_method_spends_the_budget(strata, capsys, method):
    plan = planned(capsys, strata(), "--method", method, "--visits", "whole")
    assert plan["method"] == method
    assert 28_500 < plan["work"]["money"] <= 30_000


def test_the_sizes_can_be_drawn(strata, capsys, tmp_path):
    out = tmp_path / "sizes.csv"
    plan = planned(capsys, strata(), "--out", out)

    with out.open(encoding="utf-8", newline="") as file:
        sizes = {row["stratum"]: int(row["sample_size"]) for row in csv.DictReader(file)}
    assert sizes == {row["stratum"]: row["sample_size"] for row in plan["strata"]}


def test_fewer_answers_more_lies_and_dearer_visits_decide_less(strata, capsys):
    usual = planned(capsys, strata(), "--visits", "standard")
    rows = [f"{row},0.95,0.3,0.2" for row in ROWS]
    header = f"{HEADER},share,response,phone_truth"
    worse = planned(capsys, strata(rows, header), "--visits", "standard")

    assert worse["counties"]["undetermined"] > usual["counties"]["undetermined"]
    dearer = planned(capsys, strata(), "--visits", "whole", "--visit-cost", 200)
    assert dearer["work"]["visits"] < 30_000 / 200


def test_the_henan_design_is_planned_without_arguments(capsys):
    status, out, _ = called(capsys, "plan", "--method", "proportional", "--visits", "standard")

    assert status == 0
    assert "有任务的层 326 个" in out
    assert "re_employment" in out
    assert "1 个层任务多于台账" in out


def test_precision_shares_half_widths_out(strata, capsys):
    narrow = planned(capsys, strata(), "--method", "precision", "--unit-half-width", 0.03)
    units = [row["half_width"] for row in narrow["units"]]
    assert units[0] == pytest.approx(units[1], rel=0.1)

    status, _, err = called(capsys, "plan", "--strata", strata(), "--method", "precision")
    assert status == 1
    assert "--unit-half-width" in err


def test_a_budget_below_the_minimum_is_refused_with_the_numbers(strata, capsys):
    status, out, _ = called(capsys, "plan", "--strata", strata(), "--budget", 1000, "--json")

    assert status == 1
    (problem,) = json.loads(out)["problems"]
    assert problem["rule"] == "budget_too_small"
    assert "预算 1,000 元" in problem["message"]

    status, out, _ = called(
        capsys,
        *("plan", "--strata", strata(), "--budget", 30_000, "--json"),
        *("--visits", "standard", "--county-half-width", 0.001),
    )
    assert status == 1
    assert json.loads(out)["problems"][0]["rule"] == "half_width_out_of_reach"


def test_every_problem_of_the_strata_is_listed_with_its_row(strata, capsys):
    rows = ["p,u,a,0,1,", "p,u,a,ten,,", "p,,b,5,x,", "p,u,c,9,3,1.5"]
    path = strata(rows, f"{HEADER},share")
    status, out, _ = called(capsys, "plan", "--strata", path, "--json")

    assert status == 1
    assert [(p["row"], p["rule"]) for p in json.loads(out)["problems"]] == [
        *((2, "empty_stratum"), (3, "repeated"), (3, "not_a_number"), (4, "empty")),
        *((4, "not_a_number"), (5, "not_a_share")),
    ]
    status, out, _ = called(capsys, "plan", "--strata", strata([]), "--json")
    assert status == 1
    assert json.loads(out)["problems"][0]["rule"] == "no_rows"


@pytest.mark.parametrize(
    "words",
    [
        *(["plan", "--budget", "0"], ["plan", "--share", "1.5"], ["plan", "--method", "magic"]),
        *(["rehearse", "--minimum", "0"], ["rehearse", "--against", "magic"]),
    ],
)
def test_wrong_usage_is_status_2(words, capsys):
    with pytest.raises(SystemExit) as usage:
        main(words)
    assert usage.value.code == 2
    assert "usage: heyan" in capsys.readouterr().err


def test_files_and_times_that_cannot_be_are_status_2(strata, capsys, tmp_path):
    assert called(capsys, "plan", "--strata", tmp_path / "none.csv")[0] == 2
    assert called(capsys, "rehearse", "--strata", strata(), "--times", 0)[0] == 2
    nowhere = tmp_path / "none" / "sizes.csv"
    words = ["plan", "--strata", strata(), "--budget", 30_000, "--out", nowhere]
    assert called(capsys, *words)[0] == 2


def test_a_rehearsal_sets_two_designs_side_by_side(strata, capsys):
    words = ["rehearse", "--strata", strata(), "--budget", 30_000, "--times", 6]
    status, out, _ = called(capsys, *words, "--json")

    assert status == 0
    tried = json.loads(out)
    assert [each["method"] for each in tried["designs"]] == ["decisions", "proportional"]
    assert tried["times"] == 6
    for each in tried["designs"]:
        assert each["money"] == pytest.approx(30_000, rel=0.1)
        county = each["levels"][0]
        assert county["judged"] == 5
        assert county["met"] + county["not_met"] + county["undetermined"] == pytest.approx(
            5, abs=0.01
        )
        assert county["undetermined"] == pytest.approx(each["undetermined_strata"], abs=0.01)
        assert county["coverage"] > 0.8
    # The same truths, and the same again with the same seed.
    assert len({each["levels"][0]["truly_met"] for each in tried["designs"]}) == 1
    assert json.loads(called(capsys, *words, "--json")[1]) == tried
    assert json.loads(called(capsys, *words, "--json", "--seed", "x")[1]) != tried

    status, out, _ = called(capsys, *words, "--against", "nothing")
    assert status == 0
    assert "方法 decisions" in out
    assert "proportional" not in out


def test_strata_of_the_same_name_are_told_apart_in_the_table_of_sizes(strata, capsys, tmp_path):
    rows = ["p,u,a,500,400", "q,u,a,600,500"]
    out = tmp_path / "sizes.csv"
    planned(capsys, strata(rows), "--out", out)

    assert [line.split(",")[0] for line in out.read_text().splitlines()] == [
        *("stratum", "p|a", "q|a"),
    ]
