"""Settings: saved, profiles, the dialog."""
