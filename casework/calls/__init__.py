"""Calling: the queue, dispositions, attempts, the script, appointments."""
