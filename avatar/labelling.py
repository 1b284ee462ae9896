"""Labelling: what the keypoints of chosen weights stand for, if somebody knows."""

from avatar.choosing.candidates import parse
from avatar.engine import AUTO, find_engines
from avatar.motion.labels import Labels, labels_of
from avatar.weights import header_params


def labels_for(model: str, engine: str = AUTO) -> Labels | None:
    """The labels of a model; None where its keypoints were found without supervision.

    Args:
        model: name or path of the weights; only their header is read.
        engine: what is to run them; a fake needs no weights and has its own keypoints.

    Raises:
        WeightsError: there are no such weights, or they are damaged.
        UsageError: there is no such engine.
    """
    if engine != AUTO and parse(engine, find_engines())[0].rank < 0:
        return None
    params = header_params(model)
    return labels_of(params.name, params.num_keypoints)
