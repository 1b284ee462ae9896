"""A model with its depth or its attention switched off at test time, by its numbers alone.

It was not trained that way: the figures say how much the weights lean on these parts, not what a
network trained without them would reach (that is the paper's Table 4).
"""

from avatar.errors import UsageError
from avatar.weights import Weights

FAR = -100.0
"""A disparity logit whose sigmoid is 0 in float32, flushed or not."""


def switched(weights: Weights, *, depth: bool, attention: bool) -> Weights:
    """The weights with parts off; the same object where both stay on.

    Without depth the disparity is 0 everywhere, for the detector and the attention alike; without
    attention its gamma is 0, so that nothing is added to the warped features (eq. 9).

    Raises:
        UsageError: the model has no such part.
    """
    if depth and attention:
        return weights
    for part, wanted, has in (
        ("depth network", depth, weights.params.use_depth),
        ("attention", attention, weights.params.use_attention),
    ):
        if not wanted and not has:
            raise UsageError(
                f"The model {weights.name} has no {part} that could be switched off.",
                hint="Leave the switch out.",
            )
    tensors = dict(weights.tensors)
    if not depth:
        head = "depth.decoder.heads.0.conv"
        tensors[f"{head}.weight"] = tensors[f"{head}.weight"] * 0
        tensors[f"{head}.bias"] = tensors[f"{head}.bias"] * 0 + FAR
    if not attention:
        gamma = "generator.attention.gamma"
        tensors[gamma] = tensors[gamma] * 0
    return Weights(weights.params, tensors, weights.name, weights.sha256)
