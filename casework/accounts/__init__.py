"""People who use the system: roles, permissions, the region each may see, and log-in."""
