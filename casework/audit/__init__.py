"""Who did what, when: rows that are added, never changed, each chained to the one before."""
