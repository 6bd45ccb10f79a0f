"""The only door: propose, decide, run, ask. Edges call these and nothing below them."""
