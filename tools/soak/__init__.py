"""Runs the app for a long time and watches whether anything grows or the window stands still."""
