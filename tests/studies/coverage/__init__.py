"""How often the shipped intervals hold the truth: simulated surveys, estimated by the product."""
