"""The inspector's pages and the planning of visits."""
