"""The core: sources, face cropping, motion, the networks, sinks and the command line."""
