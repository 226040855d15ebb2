"""The survey, from ledgers to reports. It knows SQLAlchemy and nothing of Flask."""

__version__ = "0.1.0"  # the same as in pyproject.toml, which a test compares
