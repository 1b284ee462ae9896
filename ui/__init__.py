"""The Qt window; one file is one widget."""
