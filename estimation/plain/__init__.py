"""The estimation once more in plain Python, for whoever checks a published run.

These files are part of every bundle and need nothing but Python 3.10; they import nothing of the
product, so that agreement with it means something.
"""
