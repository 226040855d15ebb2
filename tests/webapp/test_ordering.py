"""The order of a list is chosen at its heads, stands in the address, and can be turned round."""

from collections.abc import Iterator

import pytest
from flask import Flask

from webapp.ordering import Order, ordered

VALUES = {"rate": {"a": 0.9, "b": None, "c": 1.1, "d": 0.2}.get, "name": str}


@pytest.fixture
def app() -> Flask:
    app = Flask("webapp")
    app.add_url_rule("/lists/<uid>", "list", lambda uid: uid)
    return app


def presses(app: Flask, path: str, column: str) -> Iterator[tuple[str, str, list[str]]]:
    """Press the head of a column three times; what it says and the list are given each time."""
    for _press in range(3):
        with app.test_request_context(path):
            path = Order.asked(rising=VALUES).url(column)
        with app.test_request_context(path):
            order, lines = ordered("abcd", VALUES)
            yield path, order.direction(column), lines


def test_a_head_orders_turns_round_and_gives_the_list_back_as_it_came(app: Flask) -> None:
    """Whoever has no value comes last either way."""
    assert list(presses(app, "/lists/1?project=p", "rate")) == [
        ("/lists/1?project=p&sort=rate", "ascending", ["d", "a", "c", "b"]),
        ("/lists/1?project=p&sort=-rate", "descending", ["c", "a", "d", "b"]),
        ("/lists/1?project=p", "", ["a", "b", "c", "d"]),
    ]


def test_another_head_starts_anew_and_on_the_first_page(app: Flask) -> None:
    with app.test_request_context("/lists/1?sort=-rate&after=P1-0007"):
        assert Order.asked(rising=VALUES).url("name") == "/lists/1?sort=name"


def test_the_greatest_comes_first_where_readers_want_it_so(app: Flask) -> None:
    with app.test_request_context("/lists/1?sort=rate"):
        order, lines = ordered("abcd", VALUES, falling={"rate"})
    assert lines == ["c", "a", "d", "b"]
    assert order.direction("rate") == "descending"


@pytest.mark.parametrize("sort", ["magic", "-", "--rate", "-magic"])
def test_a_column_that_the_list_does_not_have_changes_nothing(app: Flask, sort: str) -> None:
    with app.test_request_context(f"/lists/1?sort={sort}"):
        order, lines = ordered("abcd", VALUES)
    assert (order.sort, lines) == ("", ["a", "b", "c", "d"])


def test_an_address_steers_neither_the_place_nor_the_scheme_of_its_links(app: Flask) -> None:
    with app.test_request_context("/lists/1?_external=1&_scheme=javascript&_anchor=x&uid=2"):
        assert Order.asked(rising=VALUES).url("rate") == "/lists/1?sort=rate"
