"""Two languages from plain tables: the source strings are English, Chinese is shown first.

Every area keeps its own ``translations_src/<area>.csv`` with the columns ``en`` and ``zh``. They
are read once when the application is built; there is no compiled catalog that could be stale.
"""

import csv
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.support import Translations
from flask import Flask, has_request_context, redirect, request, session
from flask_babel import Babel, Domain, get_locale
from werkzeug.wrappers import Response

from webapp import charts, formats
from webapp.labels import label

CHINESE: Final = "zh_Hans_CN"
ENGLISH: Final = "en"
LANGUAGES: Final = {"zh": CHINESE, "en": ENGLISH}
SOURCES: Final = Path(__file__).parent / "translations_src"


def init_app(app: Flask) -> None:
    """Give *app* its two languages, and its templates the words, numbers and axes they write."""
    app.config.setdefault("BABEL_DEFAULT_LOCALE", CHINESE)
    babel = Babel(app, locale_selector=_chosen_locale)
    domain = Domain()
    domain.cache[CHINESE, "messages"] = catalog(SOURCES)
    domain.cache[ENGLISH, "messages"] = Translations()
    babel.domain_instance = domain
    app.jinja_env.globals.update(is_english=is_english, in_words=in_words)
    formats.init_app(app)
    charts.init_app(app)
    app.jinja_env.filters["label"] = label
    app.add_url_rule("/language/<code>", "accounts.language", choose, methods=["POST"])


def catalog(directory: Path) -> Translations:
    """Return the Chinese of every table in *directory*."""
    messages = Catalog(locale=CHINESE)
    for _source, english, chinese in pairs(directory):
        messages.add(english, chinese)
    compiled = BytesIO()
    write_mo(compiled, messages)
    compiled.seek(0)
    return Translations(compiled)


def pairs(directory: Path) -> Iterator[tuple[Path, str, str]]:
    """Read ``(file, English, Chinese)`` from every table in *directory*, in the order of names.

    Raises
    ------
    ValueError
        When a line has not exactly two columns; the message names the file and the line.
    """
    for path in sorted(directory.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as lines:
            rows = csv.reader(lines)
            next(rows, None)
            for row in filter(None, rows):
                try:
                    english, chinese = row
                except ValueError:
                    place = f"{path.name}, line {rows.line_num}"
                    raise ValueError(f"{place}: want two columns, en,zh") from None
                yield path, english, chinese


def is_english() -> bool:
    """Tell whether this request is answered in English."""
    return str(get_locale()) == ENGLISH


def in_words(zh: str, en: str) -> str:
    """Choose between the two columns of a data file; Chinese stands in for missing English."""
    return en if is_english() and en else zh


def choose(code: str) -> Response:
    if code in LANGUAGES:
        session["language"] = code
    return redirect(_back(request.form.get("next", "")))


def _back(path: str) -> str:
    """Return *path* when it is a path of this site, else the front page.

    A second slash or a backslash would make the browser read a host out of it.
    """
    inside = path.startswith("/") and not path.startswith("//") and "\\" not in path
    return path if inside else "/"


def _chosen_locale() -> str:
    chosen = session.get("language", "zh") if has_request_context() else "zh"
    return LANGUAGES.get(chosen, CHINESE)
