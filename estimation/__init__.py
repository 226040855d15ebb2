"""From findings to estimates: arrays in, values with their uncertainty out."""
