"""The DaGAN networks: pure modules, no state between calls."""
