"""The folder of the demonstration: built once, used again, never mixed with real data."""

import fcntl
import gc
import hashlib
import json
import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event

from casework.db import db, utcnow
from casework.demo.practice import Exercise, leave_work
from casework.demo.progress import Progress
from casework.demo.rehearsal import Plan, rehearse
from casework.demo.results import results_of
from casework.demo.sources import generator
from casework.sealing import Keyring
from webapp import create_app, redis_server
from webapp.cli.migrate import prepare_database
from webapp.config import Settings

LOCK, BUILT = "demo.lock", "built.json"
#: The work left for people lies around the day of building and is stale after that.
FRESH_FOR = timedelta(days=30)
#: What decides what the database holds; pages may change without building it again.
_PARTS = ("casework", "sampling", "estimation", "migrations")
_ENDINGS = frozenset({".py", ".csv", ".toml", ".json"})
#: Setting up thousands of short units of work leaves little garbage in cycles.
_GC = (50_000, 50, 100)


class FolderRefused(Exception):
    """The folder holds something else, or is in use; nothing in it was changed."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a demonstration was built from."""

    code: str
    plan: Plan


def code_digest() -> str:
    """Return the SHA-256 of everything that decides what the database holds."""
    root = Path(__file__).parent.parent.parent
    digest = hashlib.sha256()
    for part in _PARTS:
        for path in sorted((root / part).rglob("*")):
            if path.suffix in _ENDINGS:
                digest.update(f"{path.relative_to(root)}\0".encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()


@contextmanager
def use_folder(folder: Path) -> Iterator[None]:
    """Point every setting of this process and its children at *folder*, for the demonstration.

    Raises FolderRefused for a folder with somebody else's files in it.
    """
    if folder.exists() and any(folder.iterdir()) and not (folder / LOCK).exists():
        raise FolderRefused(f"{folder}: 不是演示数据的文件夹 (not a folder of the demonstration)")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Servers of a production system may be named in the environment; they are not for fiction.
    for name in ("DATABASE_URL", "REDIS_URL", "HEYAN_KEY_FILE", "HEYAN_TLS"):
        os.environ.pop(name, None)
    os.environ |= {"HEYAN_DATA": str(folder), "HEYAN_DEMO": "1"}
    with (folder / LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def built(folder: Path, stamp: Stamp, *, now: datetime) -> dict[str, Any] | None:
    """Return what was built in *folder*, or None if that is missing, half done or out of date."""
    path = folder / BUILT
    if not path.exists():
        return None
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    age = now - datetime.fromisoformat(found["built_at"])
    return found if found["stamp"] == _plain(stamp) and age < FRESH_FOR else None


def _plain(stamp: Stamp) -> dict[str, Any]:
    return asdict(stamp) | {"plan": asdict(stamp.plan) | {"units": list(stamp.plan.units)}}


def build(folder: Path, stamp: Stamp) -> dict[str, Any]:
    """Build everything anew; what is returned is written last, so it marks a whole building."""
    if redis_server.answers(redis_server.url(folder)):
        raise FolderRefused(f"{folder}: 正在使用，请先停止 (in use, stop it first)")
    _empty(folder)
    progress = Progress(lambda line: print(line, flush=True), time.monotonic)
    with progress.part("建库 (database)"):
        # The row commitments, and so the draw, depend on the keys: the same seed, the same people.
        Keyring.create(folder / "keys.json", generator(stamp.plan.seed, "keys").bytes)
        settings = Settings.from_env()
        prepare_database(settings)
        app = create_app(settings)
    usual = gc.get_threshold()
    gc.set_threshold(*_GC)
    with app.app_context(), _hurried():
        rehearsed = rehearse(folder, stamp.plan, progress)
        results = results_of(rehearsed).as_json()
        exercise = leave_work(folder, rehearsed, now=utcnow(), progress=progress)
    gc.set_threshold(*usual)
    _write_through(folder)
    content = {
        "stamp": _plain(stamp),
        "built_at": utcnow().isoformat(),
        "seconds": progress.seconds,
        "upload": _told(exercise, folder),
        **results,
    }
    text = json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False)
    (folder / BUILT).write_text(text, encoding="utf-8")
    return content


def _told(exercise: Exercise, folder: Path) -> dict[str, Any]:
    """Describe the file that is left for the clerk; its path is inside *folder*."""
    return {
        "file": exercise.path.relative_to(folder).as_posix(),
        "project": exercise.project.value,
        "region": exercise.region,
        "region_name": exercise.region_name,
        "year": exercise.year,
        "period_end": exercise.period_end.isoformat(),
    }


def _empty(folder: Path) -> None:
    for path in folder.iterdir():
        if path.name == LOCK:
            continue
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


@contextmanager
def _hurried() -> Iterator[None]:
    """Build without waiting for the disk at each of some thirty thousand commits.

    A power cut while building costs nothing but another building. The connections of this time
    are closed afterwards; whoever serves the database opens others, which wait for the disk.
    """
    engine = db.engine

    @event.listens_for(engine, "connect")
    def hurry(connection: sqlite3.Connection, record: object) -> None:
        connection.execute("PRAGMA synchronous=OFF")

    try:
        yield
    finally:
        db.session.remove()
        engine.dispose()
        event.remove(engine, "connect", hurry)


def _write_through(folder: Path) -> None:
    """See that what was written in a hurry is on the disk."""
    connection = sqlite3.connect(folder / "heyan.db")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    with (folder / "heyan.db").open("rb") as file:
        os.fsync(file.fileno())
