"""Rectification: orders, inquiry letters, talks, and the circular drafted from results."""
