"""Draws the bundled portrait ``drawn.png``: a made-up person, nobody's likeness.

    python -m tools.draw_portrait [OUT.png]

Everything is painted in floating point as soft shapes on a large canvas and scaled down: shapes are
masks, shading is light from the upper left, and grain keeps the skin from looking like plastic.
"""
