"""Settings, read once from the environment; what is missing is made in the data folder."""

import os
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from casework.sealing import Keyring
from webapp import redis_server

MEGABYTE = 2**20
WEB_THREADS = 8  #: of each web process


@dataclass(frozen=True, slots=True)
class Settings:
    """Flask reads the upper-case names."""

    SECRET_KEY: str
    SQLALCHEMY_DATABASE_URI: str
    REDIS_URL: str
    KEY_FILE: Path
    TEMPLATE_FOLDER: Path | None = None  #: of compiled templates; None: each process compiles them
    DEMO: bool = False  #: the data are fictitious, and every page says so
    DIALLER: str = ""  #: the link that dials, such as tel:{number}; "" simulates
    SECURE_COOKIES: bool = False  #: true behind TLS; the cookie then has the __Host- prefix
    TESTING: bool = False
    WTF_CSRF_ENABLED: bool = True
    WTF_CSRF_TIME_LIMIT: int | None = None  # the token lives as long as the session
    RATELIMIT_ENABLED: bool = True
    BOOTSTRAP_SERVE_LOCAL: bool = True
    MAX_CONTENT_LENGTH: int = 51 * MEGABYTE
    MAX_FORM_MEMORY_SIZE: int = MEGABYTE
    MAX_FORM_PARTS: int = 200
    #: What a failed statement carried would stand in its error, and so in logs. As many connections
    #: are kept as a web process has threads, and the one used last, which knows most statements,
    #: is used next.
    SQLALCHEMY_ENGINE_OPTIONS: dict[str, object] = field(
        default_factory=lambda: {
            "hide_parameters": True,
            "pool_size": WEB_THREADS,
            "pool_use_lifo": True,
        }
    )
    LONGEST_SESSION: timedelta = timedelta(hours=8)
    IDLE_SESSION: timedelta = timedelta(minutes=30)

    @classmethod
    def from_env(cls) -> "Settings":
        """Read the environment; whatever it does not name lives in the data folder.

        ``HEYAN_DATA`` names the folder (``data`` by default), ``DATABASE_URL`` and ``REDIS_URL``
        the servers of a production system, ``HEYAN_KEY_FILE`` the keys of the sealed cells,
        ``HEYAN_DIALLER`` the link that dials, ``tel:{number}`` or ``sip:{number}@exchange``.
        """
        folder = data_folder()
        key_file = Path(os.environ.get("HEYAN_KEY_FILE", folder / "keys.json"))
        if not key_file.exists():
            Keyring.create(key_file)
        return cls(
            SECRET_KEY=_secret(folder / "secret"),
            SQLALCHEMY_DATABASE_URI=os.environ.get(
                "DATABASE_URL", f"sqlite:///{folder / 'heyan.db'}"
            ),
            REDIS_URL=os.environ.get("REDIS_URL") or redis_server.url(folder),
            KEY_FILE=key_file,
            TEMPLATE_FOLDER=folder / "templates",
            DEMO=os.environ.get("HEYAN_DEMO") == "1",
            DIALLER=os.environ.get("HEYAN_DIALLER", ""),
            SECURE_COOKIES=os.environ.get("HEYAN_TLS") == "1",
        )


def data_folder() -> Path:
    """Return the folder that holds everything an embedded installation keeps, made if needed."""
    folder = Path(os.environ.get("HEYAN_DATA", "data")).resolve()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _secret(path: Path) -> str:
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(32))
        path.chmod(0o400)
    return path.read_text()
