"""Settings in files: records, versions, profiles."""
