"""Where animated frames go: one file is one sink; base.py is the port."""
