"""Pages where clerks hand in ledgers."""
