"""Tables and documents that are handed out."""
