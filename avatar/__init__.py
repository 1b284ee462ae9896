"""A still portrait, puppeteered live by a webcam or a face video through a DaGAN network."""

__version__ = "0.1.0"
