"""Portraits: reading one, the user's own, and whether one will animate well."""
