"""Ledgers: reading the files offices send, checking them, and the entries accepted."""
