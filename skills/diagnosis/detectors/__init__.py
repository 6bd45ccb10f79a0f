"""One condition each: a function declared with `detects`, which the registry finds. A module holds those of one neighbourhood."""
