"""Compiled templates, kept on the disk: a new process compiles none that another one compiled.

Compiling takes most of the time of a page that a process shows first, and a process that takes the
place of a dead one is asked for every page at once.
"""

from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

from flask import Flask
from jinja2 import FileSystemBytecodeCache
from jinja2.bccache import Bucket


class _Kept(FileSystemBytecodeCache):
    def dump_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):  # a full disk, or another account's folder: nothing is kept then
            super().dump_bytecode(bucket)


def init_app(app: Flask) -> None:
    """Keep the compiled templates of *app* in its TEMPLATE_FOLDER, if it has one."""
    folder: Path | None = app.config["TEMPLATE_FOLDER"]
    if folder is not None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        app.jinja_env.bytecode_cache = _Kept(str(folder), f"{version('jinja2')}-%s")
