"""The Qt window. PyQt6 lives only here; nothing here knows an engine.

Only :mod:`ui.bridge` crosses threads; every other module runs in the GUI thread alone.
"""
