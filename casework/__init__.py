"""The survey, from ledgers to reports. It knows SQLAlchemy and nothing of Flask."""
