"""The register of leads."""
