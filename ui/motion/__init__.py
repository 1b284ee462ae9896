"""Motion controls."""
