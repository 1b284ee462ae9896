"""What runs in the guest, as root: it loads and unloads drivers, starts the app as an ordinary
user, reads devices with other programs, and writes claims, each held or not, for the host to judge.
"""

PROOFS = ("cadence", "again", "faults", "lost", "doctor", "commands", "puppet")
"""Modules of this package, each with a function ``prove``."""
