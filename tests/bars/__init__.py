"""Bars that the running product must clear: `./run bars`. They stand beside the suite."""
