"""Tools for people with a checkout; never shipped."""
