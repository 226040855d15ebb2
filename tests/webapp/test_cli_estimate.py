"""heyan estimate, as people outside call it."""

import json

import pytest

from estimation.intervals import INTERVALS
from tests import golden
from webapp.cli import main

CONTRACT = [
    *("project", "unit", "frame_size", "sampled", "resolved"),
    *("share", "share_se", "share_low", "share_high"),
    *("completed", "completed_se", "completed_low", "completed_high"),
    *("target", "rate", "rate_low", "rate_high", "decision"),
    *("bounds_low", "bounds_high", "method", "flags"),
]
STRATA = "project,unit,stratum,frame_size"
CASES = "case_id,project,unit,stratum,phone,visit,visit_reason,phone_class"


@pytest.fixture
def folder(tmp_path):
    write(tmp_path / "strata.csv", STRATA, ["hardship,郑州,A,300", "hardship,洛阳,A,100"])
    rows = [
        f"{i},hardship,郑州,A,{'achieved' if i < 45 else 'not_achieved'},,," for i in range(100)
    ]
    rows += [f"x{i},hardship,洛阳,A,unresolved,,,no_answer" for i in range(3)]
    rows += [f"y{i},hardship,洛阳,A,achieved,achieved,random," for i in range(40)]
    write(tmp_path / "cases.csv", CASES, rows)
    write(tmp_path / "targets.csv", "project,unit,target", ["hardship,洛阳,60", "hardship,开封,5"])
    return tmp_path


def write(path, header, rows):
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")


def estimate(folder, capsys, *more, status=0):
    files = [f"--{name}={folder / f'{name}.csv'}" for name in ("strata", "cases")]
    assert main(["estimate", *files, *more]) == status
    out = capsys.readouterr().out
    return json.loads(out) if out else None


def test_one_object_for_each_unit_with_the_columns_of_the_contract(folder, capsys):
    rows = estimate(folder, capsys, f"--targets={folder / 'targets.csv'}", "--json")

    assert [list(row) for row in rows] == [CONTRACT] * 3
    zhengzhou, luoyang, kaifeng = rows
    assert (zhengzhou["unit"], zhengzhou["frame_size"], zhengzhou["sampled"]) == ("郑州", 300, 100)
    assert zhengzhou["decision"] == "no_task"
    assert zhengzhou["target"] is None
    assert [zhengzhou["completed_low"], zhengzhou["completed_high"]] == pytest.approx([112, 159])
    assert zhengzhou["flags"] == ["phone_unaudited"]
    assert luoyang["decision"] == "met"
    assert luoyang["target"] == 60
    assert luoyang["rate"] == pytest.approx(100 / 60)
    assert luoyang["flags"] == ["assumes_mar"]
    assert (luoyang["sampled"], luoyang["resolved"]) == (43, 40)
    assert (kaifeng["frame_size"], kaifeng["decision"]) == (0, "not_met")


def test_one_stratified_phase_equals_r(tmp_path, capsys):
    names, sizes, stratum, schools = golden.apistrat()
    r = golden.expected("apistrat")["expected"]
    write(
        tmp_path / "strata.csv", STRATA, [f"p,u,{s},{n}" for s, n in zip(names, sizes, strict=True)]
    )
    rows = []
    for i, (h, school) in enumerate(zip(stratum, schools, strict=True)):
        phone = "achieved" if school["sch.wide"] == "Yes" else "not_achieved"
        rows.append(f"{i},p,u,{names[h]},{phone},,,")
    write(tmp_path / "cases.csv", CASES, rows)

    for interval, of_r in (("korn_graubard", "beta"), ("logit", "xlogit"), ("wilson", "wilson")):
        (row,) = estimate(tmp_path, capsys, "--interval", interval)
        # The weights of the reference are rounded in the 10th digit.
        assert row["completed"] == pytest.approx(r["total_prop"]["estimate"], rel=2e-8)
        assert row["completed_se"] == pytest.approx(r["total_prop"]["se"], rel=2e-8)
        ends = [row["share_low"], row["share_high"]]
        assert ends == pytest.approx(r["ciprop95"][of_r]["ci"], abs=1e-6)
        assert row["method"] == interval
    (row,) = estimate(tmp_path, capsys, "--interval=korn_graubard", "--level=0.9")
    assert row["share_low"] == pytest.approx(r["ciprop90"]["beta"]["ci"][0], abs=1e-6)


def test_detail_adds_one_object_for_each_stratum(folder, capsys):
    rows = estimate(folder, capsys, "--detail")

    assert [row.get("stratum") for row in rows] == [None, None, "A", "A"]
    assert rows[2]["share"] == rows[0]["share"]


def test_a_stratum_without_cases_is_named_and_never_zero(folder, capsys):
    write(
        folder / "strata.csv",
        STRATA,
        ["hardship,郑州,A,300", "hardship,洛阳,A,100", "hardship,洛阳,B,9"],
    )

    luoyang = estimate(folder, capsys)[1]

    assert luoyang["completed"] is None
    assert "no_sample:B" in luoyang["flags"]


def test_phone_answers_count_alone_only_if_the_protocol_said_so(folder, capsys):
    write(folder / "targets.csv", "project,unit,target", ["hardship,郑州,100"])
    targets = f"--targets={folder / 'targets.csv'}"

    assert estimate(folder, capsys, targets)[0]["decision"] == "undetermined"
    assert estimate(folder, capsys, targets, "--phone-accepted")[0]["decision"] == "met"


def test_strata_borrow_from_their_unit_only_on_request(folder, capsys):
    write(folder / "strata.csv", STRATA, ["p,u,A,300", "p,u,B,300"])
    a = [
        f"a{i},p,u,A,achieved,{'achieved' if i < 40 else ''},{'random' if i < 40 else ''},"
        for i in range(60)
    ]
    b = [
        f"b{i},p,u,B,achieved,{'not_achieved' if i < 2 else ''},{'random' if i < 2 else ''},"
        for i in range(60)
    ]
    write(folder / "cases.csv", CASES, a + b)

    alone = estimate(folder, capsys, "--detail")[2]
    lent = estimate(folder, capsys, "--detail", "--pool-audit")[2]

    assert alone["share"] == 0
    # The rate of 40 in 42 speaks for the 58 that nobody visited; the two visits stand.
    assert lent["share"] == pytest.approx(58 * 40 / 42 / 60)
    assert "pooled_audit" in lent["flags"]


@pytest.mark.parametrize(
    ("case", "rule"),
    [
        ("z,hardship,郑州,C,achieved,,,", "unknown_stratum"),
        ("z,hardship,郑州,A,yes,,,", "unknown_code"),
        ("z,hardship,郑州,A,achieved,achieved,,", "reason_missing"),
        ("1,hardship,郑州,A,achieved,,,", "repeated"),
        (",hardship,郑州,A,achieved,,,", "empty"),
    ],
)
def test_a_bad_case_is_listed_with_its_row(folder, capsys, case, rule):
    with (folder / "cases.csv").open("a", encoding="utf-8") as file:
        file.write(case + "\n")

    found = estimate(folder, capsys, "--json", status=1)

    assert [(p["row"], p["rule"]) for p in found["problems"]] == [(145, rule)]


def test_a_name_may_hold_any_mark_that_csv_allows(folder, capsys):
    write(folder / "strata.csv", STRATA, ["p,u,甲\u2028\x0b乙,5"])
    write(folder / "cases.csv", CASES, ["1,p,u,甲\u2028\x0b乙,achieved,,,"])

    (row,) = estimate(folder, capsys)

    assert row["sampled"] == 1


def test_a_file_that_is_no_csv_is_refused_in_words(folder, capsys):
    (folder / "cases.csv").write_text(CASES + "\n" + "x" * 200_000, encoding="utf-8")

    found = estimate(folder, capsys, "--json", status=1)

    assert [p["rule"] for p in found["problems"]] == ["csv"]


def test_bad_strata_and_targets_are_listed(folder, capsys):
    write(folder / "strata.csv", STRATA, ["p,u,A,ten", "p,u,B,5", "p,u,B,5", "p,,C,5"])
    found = estimate(folder, capsys, "--json", status=1)
    assert [p["rule"] for p in found["problems"]] == ["not_a_number", "repeated", "empty"]

    write(folder / "strata.csv", STRATA, ["hardship,郑州,A,99", "hardship,洛阳,A,100"])
    found = estimate(folder, capsys, "--json", status=1)
    assert [p["rule"] for p in found["problems"]] == ["more_than_frame"]
    assert "A" in found["problems"][0]["message"]


@pytest.mark.parametrize("option", ["--interval=magic", "--level=1", "--targets=nowhere.csv"])
def test_wrong_usage_is_status_2(folder, capsys, option):
    assert estimate(folder, capsys, option, status=2) is None


def test_the_allowed_codes_are_listed_once_and_in_the_help(folder, capsys):
    rows = [f"z{i},hardship,郑州,A,yes,,," for i in range(3)]
    write(folder / "cases.csv", CASES, rows)
    words = [f"--strata={folder / 'strata.csv'}", f"--cases={folder / 'cases.csv'}"]
    assert main(["estimate", *words]) == 1
    told = "achieved deemed not_achieved unresolved"
    assert capsys.readouterr().err.count(told) == 1

    with pytest.raises(SystemExit):
        main(["estimate", "--help"])
    printed = capsys.readouterr().out
    assert all(name in printed for name in (*INTERVALS, *CASES.split(","), *STRATA.split(",")))
