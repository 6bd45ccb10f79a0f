"""From what was observed to what is wrong. Pure: no I/O, no clock."""
