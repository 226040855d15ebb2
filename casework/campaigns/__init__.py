"""A campaign: projects, targets, the sealed frame, strata, the draw, replicates."""
