"""What the macros promise: shape, word and colour together; errors linked; nothing inline."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask, render_template_string, session
from flask_wtf import CSRFProtect, FlaskForm
from wtforms import BooleanField, IntegerField, RadioField, SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired

import webapp
from webapp import i18n, vendor

IMPORTS = "".join(
    f'{{% import "macros/{name}.html" as {name} %}}'
    for name in ("ui", "forms", "dialogs", "progress", "charts")
)
ROWS = [
    {"name": "魏都区", "rate": 1.153, "low": 1.114, "high": 1.17, "decision": "met"},
    {"name": "禹州市", "rate": 0.993, "low": 0.924, "high": 1.052, "decision": "undetermined"},
    {"name": "襄城县", "rate": 0.7, "low": 0.4, "high": 3.0, "decision": "not_met"},
    {"name": "长葛市", "rate": None, "low": None, "high": None, "decision": "no_task"},
]


class ReturnForm(FlaskForm):
    reason = StringField("退回原因", [InputRequired()], description="填报单位会看到这段话")
    target = IntegerField("目标任务")
    unit = SelectField("填报单位", choices=[SelectChoice("4110", "许昌市")])
    project = RadioField("项目", [InputRequired()], choices=[SelectChoice("p", "再就业")])
    spare = BooleanField("含备用号码")


@pytest.fixture
def app() -> Flask:
    app = Flask("webapp")
    app.config.update(SECRET_KEY="test", WTF_CSRF_ENABLED=True)
    CSRFProtect(app)
    i18n.init_app(app)
    vendor.init_app(app)
    return app


@pytest.fixture
def draw(app):
    def draw(source: str, language: str = "zh", **values: object) -> str:
        with app.test_request_context():
            session["language"] = language
            return render_template_string(IMPORTS + source, **values)

    return draw


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", "", html).split())


def test_a_decision_has_shape_word_and_reason(draw):
    html = draw('{{ ui.decision("undetermined", "区间跨过任务线") }}')

    assert 'class="dec und"' in html
    assert '<i class="m" aria-hidden="true">' in html
    assert words(html) == "未定：区间跨过任务线"


def test_a_decision_in_english_has_english_punctuation(draw):
    assert words(draw('{{ ui.decision("no_task", "no target") }}', "en")) == "No task: no target"


def test_a_hidden_word_is_still_there_for_screen_readers(draw):
    html = draw('{{ ui.mark("not_met", "未完成", hidden=true) }}')

    assert '<span class="visually-hidden">未完成</span>' in html


def test_words_from_people_are_escaped(draw):
    html = draw("{{ ui.tag(text) }}{{ ui.banner(text) }}", text="<script>alert(1)</script>")

    assert "<script>" not in html


def test_a_figure_leads_to_its_rows_only_when_there_are_some(draw):
    html = draw(
        "{{ ui.figures(items) }}",
        items=[{"label": "完成", "value": "2,601", "url": "#rows"}, {"label": "任务", "value": 9}],
    )

    assert html.count('class="trace"') == 1


def test_a_rejected_form_links_every_error_to_its_field(app):
    source = '{% call forms.form(form, "/return") %}{% for f in (form.reason, form.target, form.unit, form.project, form.spare) %}{{ forms.field(f) }}{% endfor %}{% endcall %}'  # noqa: E501
    with app.test_request_context("/", method="POST", data={"unit": "4110", "target": "many"}):
        form = ReturnForm(meta={"csrf": False})
        form.validate()
        html = render_template_string(IMPORTS + source, form=form)

    linked = re.findall(r'href="#([\w-]+)"', html)
    assert linked == ["reason", "target", "project-0"]
    assert all(f'id="{name}"' in html for name in linked)
    assert 'role="alert" tabindex="-1" data-focus' in html
    assert 'aria-describedby="reason-hint reason-error"' in html
    assert html.count('aria-invalid="true"') == 2
    assert "有 3 处需要改正" in html
    assert 'name="csrf_token"' in html
    assert 'value="many"' in html, "the typed words are kept"


def test_a_form_without_errors_has_no_summary(draw, app):
    with app.test_request_context():
        html = render_template_string(
            IMPORTS + "{% call forms.form(form) %}{{ forms.field(form.spare) }}{% endcall %}",
            form=ReturnForm(),
        )

    assert "hy-errsum" not in html
    assert html.count('name="csrf_token"') == 1


def test_a_disabled_button_says_why(draw):
    html = draw('{{ forms.post_button("提交", "/s", why_not="231 行有错误") }}')

    assert " disabled" in html
    assert "231 行有错误" in html


def test_progress_says_rows_share_and_time_left(draw):
    html = draw('{{ progress.bar("逐行检查", 2940, 4385, "行", 20, poll="/p") }}')

    assert "2,940 / 4,385 行，67%，约剩 20 秒" in html
    assert 'hx-get="/p" hx-trigger="every 1s"' in html
    assert '<rect class="g-done" width="67.0%"' in html


def test_finished_progress_asks_no_more(draw):
    assert "hx-get" not in draw('{{ progress.bar("检查", 10, 10, "行", 0) }}')


def test_waiting_work_says_so_and_does_not_divide_by_zero(draw):
    assert "正在排队" in draw('{{ progress.bar("检查", 0, 0, "行", poll="/p") }}')


def test_a_covered_value_without_permission_has_no_button(draw):
    assert "<button" not in draw('{{ dialogs.masked("138****2706", "phone") }}')


def test_revealing_asks_the_purpose_and_carries_the_token(draw):
    html = draw('{{ dialogs.masked("138****2706", "phone", "/r", "电话", [("call", "拨打")]) }}')

    assert 'hx-post="/r" hx-target="#phone"' in html
    assert 'name="purpose"' in html
    assert 'name="csrf_token"' in html


def test_a_revealed_value_brings_its_cover_along(draw):
    html = draw(
        '{% call dialogs.revealed("138 0000 2706", "phone", "拨打") %}'
        '{{ dialogs.masked("138****2706", "phone") }}{% endcall %}'
    )

    assert 'data-cover-after="15"' in html
    assert "138****2706" in html.split("<template>")[1]


def test_a_forest_plot_is_one_sentence_for_those_who_cannot_see_it(draw):
    html = draw("{{ charts.forest(rows, axis(0.8, 1.2), '许昌市') }}", rows=ROWS)

    label = re.search(r'aria-label="([^"]+)"', html).group(1)
    assert label.startswith("许昌市：魏都区 115.3%，区间 111.4–117.0%，完成；禹州市")
    assert label.endswith("长葛市：无任务")


def test_a_forest_plot_draws_each_decision_in_its_shape(draw):
    html = draw("{{ charts.forest(rows, axis(0.8, 1.2), '许昌市') }}", rows=ROWS)

    assert html.count('class="g-int"') == 3, "no task, no interval"
    assert html.count('class="g-x"') == 1
    assert html.count('class="g-hole"') == 1
    assert html.count("l6 4l-6 4z") == html.count("l-6 4l6 4z") == 1, "both arrowheads, once"


def test_an_interval_in_a_cell_shares_the_axis_of_its_head(draw):
    html = draw(
        "{% set scale = axis(0.9, 1.1, 2) %}{{ charts.cell_head(scale) }}"
        "{{ charts.cell(scale, '许昌市', 1.0, 0.95, 1.05, 'undetermined') }}"
    )

    assert '<text class="t-s" x="49.0%"' in html
    assert '<line class="g-target" x1="49.0%" x2="49.0%"' in html


def test_a_cell_without_a_task_is_empty(draw):
    html = draw("{{ charts.cell(axis(0.9, 1.1), '', none, none, none, 'no_task') }}")

    assert html.strip() == ""


def test_progress_against_plan_stops_where_the_days_to_come_begin(draw):
    days = [
        {"label": f"12-{d:02}", "plan": d * 10, "done": 8 * d if d < 4 else None}
        for d in range(1, 8)
    ]

    html = draw("{{ charts.against_plan(days, '办结') }}", days=days)

    path = re.search(r'class="g-run g-open" d="([^"]+)"', html).group(1)
    assert len(re.findall("[ML]", path)) == 3


def test_a_tile_says_its_name_figure_and_decision_and_leads_to_the_region(draw):
    tile = {"name": "鹤壁", "value": 124, "decision": "met", "column": 1, "row": 0, "url": "/r"}

    html = draw("{{ charts.tiles([tile], '方格图') }}", tile=tile)

    assert 'aria-label="鹤壁 124：完成"' in html
    assert '<a href="/r">' in html
    assert 'x="41" y="1"' in html


def test_the_tipping_point_stands_where_the_line_crosses_the_target(draw):
    html = draw("{{ charts.tipping(0.9, 1.1, 63, 'undetermined', '临界') }}")

    assert "临界 50.0%" in html
    assert '<line class="g-axis" x1="303.0"' in html


def test_a_rate_that_no_answer_can_bend_has_no_tipping_point(draw):
    assert "临界" not in draw("{{ charts.tipping(0.9, 0.9, 0, 'not_met', 'x') }}")


def test_a_timeline_shows_local_time_and_keeps_the_moment_for_machines(draw):
    at = datetime(2017, 12, 6, 8, 52, tzinfo=UTC)

    html = draw("{{ ui.timeline(items) }}", items=[{"at": at, "title": "释放", "kind": "first"}])

    assert "12-06 <b>16:52</b>" in html
    assert 'datetime="2017-12-06T08:52:00+00:00"' in html


def test_a_pager_offers_only_what_there_is(draw):
    html = draw('{{ ui.pager(50, 320, next_url="?after=50") }}')

    assert "共 320 条，本页 50 条" in html
    assert 'rel="next"' in html
    assert 'rel="prev"' not in html


def test_no_template_holds_what_the_content_security_policy_forbids():
    forbidden = re.compile(
        r"<style|\sstyle=|\son[a-z]+=|\shx-on|<script(?![^>]*\ssrc=)|javascript:"
    )
    template_code = re.compile(r"\{[{%].*?[%}]\}", re.DOTALL)  # its words are no attributes
    templates = sorted(Path(webapp.__file__).parent.rglob("templates/**/*.html"))

    found = [
        f"{path.name}: {match.group()}"
        for path in templates
        for match in forbidden.finditer(template_code.sub("", path.read_text(encoding="utf-8")))
    ]

    assert templates
    assert not found


def test_no_stylesheet_rule_uses_a_class_that_asks_for_another_site():
    stylesheet = (Path(webapp.__file__).parent / "static" / "heyan.css").read_text("utf-8")

    assert "url(" not in stylesheet
    assert "@import" not in stylesheet
