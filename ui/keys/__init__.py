"""Keyboard: which key does what, the list, how to change it."""
