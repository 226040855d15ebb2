"""The operator's desk and the supervisor's board."""
