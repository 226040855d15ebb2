"""Runs of the estimation, decisions, and the roll-up."""
