"""Thinking about what things cost: pure functions over typed series, with no clock, no source and no skill behind them."""
