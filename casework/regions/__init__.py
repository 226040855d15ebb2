"""Places by GB/T 2260 code: the geographic tree, and the tree by which figures are reported."""
