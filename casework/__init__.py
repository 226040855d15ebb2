"""The survey: ledgers, campaigns, cases, calls, visits, estimates. It knows SQLAlchemy, not Flask."""
