"""Trips, their letters, and the public check of their codes."""
