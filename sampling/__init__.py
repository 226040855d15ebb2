"""Drawing samples: frames and sizes in, selected entries out."""
