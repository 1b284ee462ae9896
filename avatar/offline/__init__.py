"""Rendering a file: order, driver, result, and what is done to pictures and sound on the way."""
