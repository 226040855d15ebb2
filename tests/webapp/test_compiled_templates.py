"""Compiled templates are kept for the next process."""

from flask import Flask, render_template
from jinja2 import DictLoader

from webapp import compiled_templates


def process(folder, text="{{ 1 + 1 }}"):
    app = Flask(__name__)
    app.config["TEMPLATE_FOLDER"] = folder
    compiled_templates.init_app(app)
    app.jinja_env.loader = DictLoader({"page.html": text})
    return app


def page_of(app):
    with app.app_context():
        return render_template("page.html")


def test_a_second_process_compiles_nothing_that_the_first_compiled(tmp_path, monkeypatch):
    page_of(process(tmp_path))
    second = process(tmp_path)
    monkeypatch.setattr(second.jinja_env, "compile", None, raising=False)

    assert page_of(second) == "2"


def test_a_template_that_changed_is_compiled_anew(tmp_path):
    page_of(process(tmp_path))

    assert page_of(process(tmp_path, "{{ 2 + 2 }}")) == "4"


def test_pages_are_shown_where_nothing_can_be_kept(tmp_path):
    app = process(tmp_path / "gone")
    (tmp_path / "gone").rmdir()

    assert page_of(app) == "2"
