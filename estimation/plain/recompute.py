"""Recompute the figures of a published run; Python 3.10 or newer and nothing else.

    python3 recompute.py [FOLDER or ZIP]      equal, or what differs

First every file is compared with its digest in manifest.json, and manifest.json with its own and
with its signature, which must be by the key that signed the draw. Then each figure of figures.csv
is computed again from strata.csv, cases.csv and targets.csv: counts, the estimate with its standard
error and interval, the bounds, and the decision under each assumption. Numbers are equal if they
agree to eight digits. At last each line of completions.csv must follow from the decisions below it.
The method is in the files of estimation/plain.
"""

import csv
import json
import re
import sys
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterator
from hashlib import sha256
from math import isclose, isnan, nan, sqrt
from pathlib import Path
from typing import Any

if __name__ == "__main__":  # isolated Python leaves the folder of its script out
    sys.path.insert(0, str(Path(__file__).resolve().parent))

from estimation.plain.decisions import Runs, all_runs, grades, precision
from estimation.plain.limits import AGGREGATE, exact_limits, share_limits
from estimation.plain.rates import LEAD, NO, OPEN, YES, Cell, Stratum
from estimation.plain.signature import is_signed
from estimation.plain.totals import Total

DIGITS = 1e-8
UNREADABLE = (OSError, ValueError, LookupError, TypeError, AttributeError, zipfile.BadZipFile)
SAID = {"achieved": YES, "deemed": YES, "not_achieved": NO}
DONE = ("achieved", "deemed")
AS_DECISION = {
    "complete": "met",
    "not_complete": "not_met",
    "undetermined": "undetermined",
    "no_task": "no_task",
}
UNIT_ITSELF = "place"  # at this level a unit that is its own place is left out
Row = dict[str, str]


def differences(place: Any) -> Iterator[tuple[str, str]]:
    """Yield every file and figure in the folder *place* that is not as it must be, and how."""
    text = (place / "manifest.json").read_text(encoding="utf-8")
    manifest = json.loads(text)
    yield from (("manifest.json", how) for how in _wrong_with(manifest, text))
    broken = False
    for name, digest in sorted(manifest["files"].items()):
        found = sha256((place / name).read_bytes()).hexdigest()
        if found != digest:
            broken = True
            yield name, f"its digest is {found}, should be {digest}"
    if not broken:
        tables = {name: _table(place, name) for name in ("strata", "cases", "targets", "figures")}
        yield from _different_figures(tables, manifest["method"])
        if manifest["draw"]:
            drawn = json.loads((place / "draw/manifest.json").read_text(encoding="utf-8"))
            if drawn["signature"]["key"] != manifest["signature"]["key"]:
                yield "manifest.json", "is signed with another key than the draw"
            yield from _different_frames(tables, drawn["strata"])
        yield from _different_overrides(tables["figures"], _table(place, "overrides"))
        yield from _different_completions(tables["figures"], _table(place, "completions"))


def _wrong_with(manifest: Any, text: str) -> Iterator[str]:
    if text != written(manifest):
        yield "is not written as it was published"
    key, value = (manifest["signature"].get(part, "") for part in ("key", "value"))
    if not is_signed(signed_text(manifest), key, value):
        yield f"is not what was signed with the key {key}"
    told = manifest["digest"]
    if told != digest_of(manifest):
        yield f"its digest should be {told}"


def digest_of(manifest: Any) -> str:
    """Return the digest of all of a manifest but its digest and its signature."""
    content = {name: manifest[name] for name in manifest if name not in {"digest", "signature"}}
    return sha256(written(content).encode()).hexdigest()


def written(manifest: Any) -> str:
    """Return a manifest as it stands in its file."""
    return json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def signed_text(manifest: Any) -> bytes:
    """Return what of a manifest is signed: all of it but the signature."""
    content = {name: value for name, value in manifest.items() if name != "signature"}
    return json.dumps(content, sort_keys=True).encode()


def _table(place: Any, name: str) -> list[Row]:
    with (place / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _different_figures(
    tables: dict[str, list[Row]], method: dict[str, Any]
) -> Iterator[tuple[str, str]]:
    published: dict[tuple[str, str], dict[str, Row]] = defaultdict(dict)
    for row in tables["figures"]:
        published[row["project"], row["level"]][row["domain"]] = row
    for (project, level), rows in published.items():
        again = figures(tables, project, level, method)
        for domain in sorted(rows.keys() | again.keys()):
            where = f"figures.csv {project} {level} {domain}"
            if domain not in rows or domain not in again:
                yield where, "stands only in " + ("the file" if domain in rows else "the recount")
                continue
            for name, value in again[domain].items():
                if not _same(rows[domain][name], value):
                    yield f"{where} {name}", f"{rows[domain][name] or 'none'}, should be {value}"


def _same(told: str, value: Any) -> bool:
    if not isinstance(value, float):
        return told == ("" if value is None else str(value))
    if isnan(value) or not told:
        return isnan(value) and not told
    return isclose(float(told), value, rel_tol=DIGITS, abs_tol=DIGITS)


def figures(
    tables: dict[str, list[Row]], project: str, level: str, method: dict[str, Any]
) -> dict[str, dict[str, Any]]:
    """Compute all figures of one project at one level, by domain."""
    targets = {
        row["region"]: int(row["persons"])
        for row in tables["targets"]
        if (row["project"], row["level"]) == (project, level)
    }
    of_project = [row for row in tables["strata"] if row["project"] == project]
    survey = {
        row["stratum"]: Stratum(row["unit"], row[level], int(row["frame_size"]))
        for row in of_project
        if level != UNIT_ITSELF or row["place"] != row["unit"]
    }
    for row in tables["cases"]:
        if row["stratum"] in survey:
            _count(survey[row["stratum"]], row)
    strata = [*survey.values(), *(Stratum("", code, 0) for code in targets)]
    accepted = method["phone_answers_accepted"]
    runs = all_runs(strata, accepted=accepted)
    counts = {code: [s for s in strata if s.domain == code] for code in runs.weighted}
    return {
        code: {
            "sampled": sum(s.sampled for s in of_domain),
            "resolved": sum(s.resolved for s in of_domain),
            **_figure(runs, code, targets.get(code), method),
            **grades(runs, code, targets.get(code), accepted=accepted),
        }
        for code, of_domain in counts.items()
    }


def _count(stratum: Stratum, row: Row) -> None:
    """Add one case to its phone class."""
    name, kind = row["phone"], SAID.get(row["phone"], OPEN)
    if row["visit_reason"] == LEAD:
        name, kind = LEAD, LEAD
    elif kind == OPEN:
        name = f"{OPEN} {row['phone_class'] or 'unresolved'}" if row["phone"] else "unfinished"
    cell = stratum.cells.setdefault(name, Cell(kind))
    cell.rows += 1
    cell.chosen += row["visit_reason"] != ""
    cell.visited += row["visit"] in SAID
    cell.achieved += row["visit"] in DONE
    stratum.sampled += 1
    stratum.resolved += row["visit"] in SAID or row["phone"] in SAID


def _figure(runs: Runs, code: str, target: int | None, method: dict[str, Any]) -> dict[str, Any]:
    of, task = runs.weighted[code], target or nan
    low, high = _limits(of, method)
    none = of.size == 0 or isnan(of.completed)
    persons = (
        {"low": low * of.size, "high": high * of.size} if of.size else {"low": 0.0, "high": 0.0}
    )
    return {
        "frame_size": of.size,
        "share": nan if none else of.share,
        "share_se": nan if none else sqrt(of.variance) / of.size,
        "share_low": low,
        "share_high": high,
        "completed": of.completed,
        "completed_se": nan if isnan(of.completed) else sqrt(of.variance),
        **{f"completed_{end}": amount for end, amount in persons.items()},
        "target": target,
        "rate": of.completed / task,
        **{f"rate_{end}": amount / task for end, amount in persons.items()},
        "bounds_low": _limits(runs.bounds[0][code], method)[0],
        "bounds_high": _limits(runs.bounds[1][code], method)[1],
    }


def _limits(of: Total, method: dict[str, Any]) -> tuple[float, float]:
    name, level = method["interval"], method["level"]
    if of.size == 0 or isnan(of.completed):
        return nan, nan
    if of.exact and name in AGGREGATE:
        mid_p = name.endswith("mid_p")
        low, high = exact_limits(of.hits, int(of.rows), of.size, level, mid_p=mid_p)
        return low / of.size, high / of.size
    return share_limits(name, precision(of, of.share), level)


def _different_frames(
    tables: dict[str, list[Row]], drawn: list[dict[str, Any]]
) -> Iterator[tuple[str, str]]:
    """Compare with the draw: its frame, and no more cases than it selected."""
    frame, sample = Counter[str](), Counter[str]()
    for row in drawn:  # a wave draws those who were selected before apart; both are one stratum
        whole = re.sub(r"^([^|]*\|\d*)\+earlier", r"\1", row["stratum"])
        frame[whole] += row["frame_rows"]
        sample[whole] += row["sample_rows"]
    cases = Counter(row["stratum"] for row in tables["cases"])
    for stratum in tables["strata"]:
        name = stratum["stratum"]
        if int(stratum["frame_size"]) != frame[name]:
            yield f"strata.csv {name}", f"{stratum['frame_size']}, but the draw had {frame[name]}"
        if cases[name] > sample[name]:
            yield f"cases.csv {name}", f"{cases[name]} cases, but the draw had {sample[name]}"


def _different_overrides(figures: list[Row], overrides: list[Row]) -> Iterator[tuple[str, str]]:
    """Compare what people are said to have overridden with the decisions by the rule."""
    decided = {(r["domain"], r["project"]): r["decision"] for r in figures}
    for row in overrides:
        right = decided.get((row["region"], row["project"]), row["computed"])
        if right != row["computed"]:
            where = f"overrides.csv {row['region']} {row['project']}"
            yield where, f"{row['computed']}, should be {right}"


def _different_completions(figures: list[Row], lines: list[Row]) -> Iterator[tuple[str, str]]:
    """Roll up again: one line not met is enough, then one undetermined; no task does not count."""
    regions = [row for row in figures if row["level"] != "stratum"]
    decided = {(row["domain"], row["project"]): row["decision"] for row in regions}
    completion = {row["region"]: AS_DECISION.get(row["completion"], "") for row in lines}
    below: dict[str, set[str]] = defaultdict(set)
    for row in lines:
        region, below_it = row["region"], row["of"]
        below[region].add(row["decision"])
        right = completion.get(below_it) if below_it else decided.get((region, row["project"]))
        if right and right != row["decision"]:
            where = f"completions.csv {region} {below_it or row['project']}"
            yield where, f"{row['decision']}, should be {right}"
    for row in lines:
        found = below[row["region"]]
        right = next((d for d in ("not_met", "undetermined", "met") if d in found), "no_task")
        if AS_DECISION.get(row["completion"]) != right:
            yield f"completions.csv {row['region']}", f"{row['completion']}, should be {right}"


def main(words: list[str]) -> int:
    """Print what differs; return 1 if anything does."""
    place = Path(words[0]) if words else Path(__file__).resolve().parent
    try:
        found = list(differences(zipfile.Path(place) if place.is_file() else place))
    except UNREADABLE as error:
        found = [("files", f"cannot be read: {type(error).__name__} {error}")]
    sys.stdout.write("".join(f"{name}: {what}\n" for name, what in found) or "equal 一致\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
