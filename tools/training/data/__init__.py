"""Training data: clips of any kind to reproducible items.

:func:`load` gives the :class:`Footage` of a split; :class:`PairItems`, :class:`FaceItems` and
:class:`TripletItems` make items of it; :func:`fixed_pairs` and :class:`FixedPairs` are for
validation and contact sheets. Knows nothing of networks.
"""

from tools.training.data.faces import FaceItems
from tools.training.data.fixed import fixed_pairs
from tools.training.data.footage import Footage, in_memory
from tools.training.data.loading import load
from tools.training.data.pairs import FixedPairs, PairItems
from tools.training.data.settings import DataSettings
from tools.training.data.triplets import TripletItems

__all__ = [
    "DataSettings",
    "FaceItems",
    "FixedPairs",
    "Footage",
    "PairItems",
    "TripletItems",
    "fixed_pairs",
    "in_memory",
    "load",
]
