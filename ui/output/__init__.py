"""Outputs: virtual camera, recording, snapshots, privacy."""
