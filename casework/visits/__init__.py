"""On site: leads, visits, checklists, findings, photos."""
