"""Scenarios, one module for each neighbourhood of conditions. A module has a function `scenarios()`; it is found, not listed."""
