"""Pages where coordinators design campaigns."""
