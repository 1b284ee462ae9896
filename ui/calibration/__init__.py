"""Calibration: match score, best reference, drift."""
