"""The colours of the person and of what is around them: linear RGB in [0, 1]."""

from tools.draw_portrait.canvas import Colour

SKIN: Colour = (0.870, 0.655, 0.545)
SKIN_DARK: Colour = (0.610, 0.370, 0.290)
SKIN_LIGHT: Colour = (0.985, 0.840, 0.745)
BLUSH: Colour = (0.860, 0.450, 0.400)
HAIR: Colour = (0.180, 0.105, 0.075)
HAIR_LIGHT: Colour = (0.430, 0.270, 0.180)
HAIR_DARK: Colour = (0.070, 0.040, 0.032)
IRIS: Colour = (0.290, 0.400, 0.330)
LIP: Colour = (0.730, 0.345, 0.335)
SHIRT: Colour = (0.180, 0.300, 0.390)
SHIRT_DARK: Colour = (0.085, 0.150, 0.210)
WALL_LIGHT: Colour = (0.790, 0.800, 0.790)
WALL_DARK: Colour = (0.520, 0.560, 0.580)
