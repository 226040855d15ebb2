"""The product's own scripts and styles: under an address that changes with what they say.

A browser may then keep each of them for a year, and a page never meets scripts of another release.
Modules name one another by relative addresses, so they stay together.
"""

import hashlib
import re
from functools import cache
from pathlib import Path
from typing import Final

from flask import Flask

FOLDER: Final = Path(__file__).resolve().parent / "static"
ONE_YEAR: Final = 365 * 24 * 3600
_IMPORT: Final = re.compile(r'^(?:import|export)\b[^"\n]*"(\.[^"\n]+\.js)"', re.MULTILINE)


def init_app(app: Flask) -> None:
    """Let templates ask for ``imported(name)``."""
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = ONE_YEAR
    app.jinja_env.globals["imported"] = imported


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
