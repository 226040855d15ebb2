"""Every sentence of the interface has its Chinese, once."""

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_file
from flask import Flask, session
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import InputRequired

from webapp import i18n

WEBAPP = Path(i18n.__file__).parent
KEYWORDS = {"_": None, "_l": None, "gettext": None, "lazy_gettext": None}
PLACE = re.compile(r"%\(\w+\)[sd]|\{\w+[^}]*\}")


@pytest.fixture
def bilingual() -> Flask:
    app = Flask("webapp")
    app.config.update(SECRET_KEY="test", WTF_CSRF_ENABLED=False)
    i18n.init_app(app)
    return app


def sentences() -> Iterator[tuple[str, str]]:
    """Every (place, English) that Python files and templates of the interface hand to gettext."""
    for path in sorted(WEBAPP.rglob("*")):
        method = {".py": "python", ".html": "jinja2"}.get(path.suffix)
        if method is None:
            continue
        options = {"newstyle_gettext": "true", "silent": "false"} if method == "jinja2" else {}
        found = extract_from_file(method, path, KEYWORDS, options=options)
        for line, message, *_rest in found:
            text = message if isinstance(message, str) else message[0]
            yield f"{path.relative_to(WEBAPP)}:{line}", text


def test_every_sentence_has_its_chinese():
    known = {english for _path, english, chinese in i18n.pairs(i18n.SOURCES) if chinese.strip()}

    missing = [f"{place} {text!r}" for place, text in sentences() if text not in known]

    assert not missing, "No Chinese in translations_src/*.csv for:\n" + "\n".join(missing)


def test_no_sentence_has_two_translations():
    translations = defaultdict(set)
    for path, english, chinese in i18n.pairs(i18n.SOURCES):
        translations[english].add((chinese, path.name))

    differing = {
        english: sorted(found)
        for english, found in translations.items()
        if len({chinese for chinese, _file in found}) > 1
    }

    assert not differing


def test_a_translation_fills_the_same_places():
    differing = [
        (path.name, english)
        for path, english, chinese in i18n.pairs(i18n.SOURCES)
        if set(PLACE.findall(english)) != set(PLACE.findall(chinese))
    ]

    assert not differing


def test_people_see_chinese_first(bilingual):
    with bilingual.test_request_context("/", headers={"Accept-Language": "en"}):
        assert gettext("Not met") == "未完成"
        assert not i18n.is_english()


def test_who_chose_english_sees_english(bilingual):
    with bilingual.test_request_context():
        session["language"] = "en"

        assert gettext("Not met") == "Not met"
        assert str(lazy_gettext("Not met")) == "Not met"


def test_words_of_a_data_file_follow_the_language(bilingual):
    with bilingual.test_request_context():
        assert i18n.in_words(zh="无人接听", en="No answer") == "无人接听"
    with bilingual.test_request_context():
        session["language"] = "en"
        assert i18n.in_words(zh="无人接听", en="No answer") == "No answer"
        assert i18n.in_words(zh="无人接听", en="") == "无人接听"


def test_messages_of_the_form_library_are_chinese_too(bilingual):
    class Note(FlaskForm):
        text = StringField("Note", validators=[InputRequired()])

    with bilingual.test_request_context("/", method="POST", data={}):
        form = Note()
        form.validate()

        assert form.text.errors == ["该字段是必填字段。"]


def test_the_switch_remembers_the_language_and_comes_back(bilingual):
    client = bilingual.test_client()

    answer = client.post("/language/en", data={"next": "/ledgers?page=2"})

    assert answer.location == "/ledgers?page=2"
    with client.session_transaction() as kept:
        assert kept["language"] == "en"


@pytest.mark.parametrize("elsewhere", ["https://example.org", "//example.org", "/\\example.org"])
def test_the_switch_never_leads_to_another_site(bilingual, elsewhere):
    answer = bilingual.test_client().post("/language/zh", data={"next": elsewhere})

    assert answer.location == "/"


def test_a_broken_line_of_a_table_is_named(tmp_path):
    (tmp_path / "area.csv").write_text("en,zh\nOne,two,three\n", encoding="utf-8")

    with pytest.raises(ValueError, match=r"area\.csv, line 2"):
        list(i18n.pairs(tmp_path))
