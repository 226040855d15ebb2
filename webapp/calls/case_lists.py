"""The list of the supervisor's cases: its filters as they stand in the address, and its choices."""

from flask import render_template, request

from casework.calls.case_list import CaseColumn, CaseFilter, calling_now, list_cases
from casework.calls.dispositions import all_dispositions
from casework.calls.operators import operators_at_work
from casework.cases.lifecycle import CaseState
from casework.regions.tree import RegionTree, load_tree
from webapp.access import current_user
from webapp.calls import words
from webapp.labels import label
from webapp.ordering import Order


def case_list() -> str:
    """Show the cases that the filters in the address leave, page by page."""
    wanted = _wanted()
    order = Order.asked(rising=list(CaseColumn))
    found = list_cases(
        wanted,
        CaseColumn(order.by or CaseColumn.CODE),
        falls=order.falls,
        number=request.args.get("page", 1, type=int),
        actor=current_user(),
    )
    tree = load_tree()
    return render_template(
        "supervision/cases.html",
        page=found,
        wanted=wanted,
        order=order,
        address={
            name: value
            for name, value in request.args.items()
            if value and name in {"campaign", "state", "last", "place", "operator", "sort"}
        },
        campaigns=[(str(id_), name) for id_, name in calling_now()],
        choices=_choices(tree),
        tree=tree,
        words=words,
    )


def _wanted() -> CaseFilter:
    """Read the filters; what is not one of the choices does not narrow."""
    state, last = request.args.get("state", ""), request.args.get("last", "")
    return CaseFilter(
        campaign_id=request.args.get("campaign", 0, type=int),
        state=CaseState(state) if state in set(CaseState) else None,
        last=last if last in all_dispositions() else "",
        place=request.args.get("place", ""),
        operator_id=request.args.get("operator", 0, type=int),
    )


def _choices(tree: RegionTree) -> dict[str, list[tuple[str, str]]]:
    places: list[tuple[str, str]] = []
    for unit in tree.units:
        places.append((unit.code, unit.name))
        places += [(place.code, tree.name(place.code)) for place in tree.children_of(unit.code)]
    return {
        "states": [(state.value, str(label(state))) for state in CaseState],
        "dispositions": [
            (code, f"{code} {words.disposition_name(code)}")
            for code, found in all_dispositions().items()
            if found.offered
        ],
        "places": places,
        "operators": [(str(who.id), f"{who.login} {who.name}") for who in operators_at_work()],
    }
