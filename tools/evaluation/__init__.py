"""Picture quality, measured: what ``python -m tools.evaluate`` is made of."""
