"""Scripts and styles: the product's own lie under an address that changes with what they say.

A browser may then keep each of them for a year, and a page never meets scripts of another release.
Modules name one another by relative addresses, so they stay together. They travel compressed.
"""

import gzip
import hashlib
import re
from functools import cache, lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import Final

from flask import Flask, Response, request

FOLDER: Final = Path(__file__).resolve().parent / "static"
ONE_YEAR: Final = 365 * 24 * 3600
#: What answers with the same bytes for everybody. Pages are not among it and never compressed: how
#: long a compressed page is helps to guess the token in its forms (the BREACH attack).
ENDPOINTS: Final = frozenset({"static", "vendor.asset"})
_SHORTENED: Final = frozenset(
    {"text/css", "text/javascript", "application/javascript", "application/json", "image/svg+xml"}
)
_IMPORT: Final = re.compile(r'^(?:import|export)\b[^"\n]*"(\.[^"\n]+\.js)"', re.MULTILINE)


def init_app(app: Flask) -> None:
    """Let templates ask for ``imported(name)``, and send files once and compressed."""
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = ONE_YEAR
    app.jinja_env.globals["imported"] = imported
    app.after_request(_ship)


def _ship(response: Response) -> Response:
    """Let browsers keep a file unasked, and shorten it for those that take it so.

    A part of a file (206) and the word that nothing changed (304) stay as they are.
    """
    if request.endpoint not in ENDPOINTS or response.status_code != HTTPStatus.OK:
        return response
    response.cache_control.immutable = True
    response.vary.add("Accept-Encoding")
    if response.mimetype in _SHORTENED and request.accept_encodings["gzip"]:
        response.direct_passthrough = False
        response.set_data(_gzipped(response.get_data()))
        response.content_encoding = "gzip"
        if (tag := response.get_etag()[0]) is not None:
            response.set_etag(tag, weak=True)  # the same file, in other bytes
    return response


@lru_cache(maxsize=128)
def _gzipped(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


@cache
def address() -> str:
    """Return the path under which the files are served: it holds a digest of all of them."""
    digest = hashlib.sha256()
    for file in sorted(path for path in FOLDER.rglob("*") if path.is_file()):
        digest.update(f"{file.relative_to(FOLDER)}\x1f".encode() + file.read_bytes())
    return f"/static/{digest.hexdigest()[:16]}"


@cache
def imported(name: str) -> tuple[str, ...]:
    """Return every module that the module *name* imports, and those import in turn.

    A page names them beforehand, so that a browser asks for all at once and not one by one.
    """
    found: list[str] = []
    waiting = [name]
    while waiting:
        path = FOLDER / waiting.pop()
        for other in _IMPORT.findall(path.read_text("utf-8")):
            module = (path.parent / other).resolve().relative_to(FOLDER).as_posix()
            if module not in (name, *found):
                found.append(module)
                waiting.append(module)
    return tuple(found)
