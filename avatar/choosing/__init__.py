"""Which engine runs here: candidates, measured speeds, the choice with its reasons."""
