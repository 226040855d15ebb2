"""Log-in, users, audit trail."""
