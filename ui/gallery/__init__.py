"""Portraits: the gallery, what is brought to it, cropping by hand."""
