"""One sampled person being worked: the case, its life, and its outcome."""
