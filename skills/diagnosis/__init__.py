"""From what a cluster looks like to what is wrong with it: pure functions over one snapshot.

A `Scene` is the snapshot with its references followed. Detectors, one for each condition, look at it and yield symptoms. Symptoms that
another one explains are merged into it, so that one cause is one finding. Nothing here does I/O, and nothing here is told to anybody
before it was redacted.
"""
