"""Adjudication: both evidences side by side, and what people settle."""
