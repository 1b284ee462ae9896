"""Feeds damaged files to everything of ours that reads files, and watches for crashes and hangs."""
