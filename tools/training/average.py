"""The exponential moving average of the networks: what is validated, shown and exported."""

import copy

import torch
from torch import nn


class Average:
    """A copy of the networks whose weights follow theirs.

    After n updates the average keeps ``min(keep, (1 + n) / (10 + n))`` of itself at the next, so
    that it does not remember the random beginning for long. BatchNorm's running statistics are
    averaged likewise; counters are copied. Weights that are not trained stay as they are.

    Attributes:
        networks: in evaluation mode, without gradients.
        updates: how many there were.
    """

    def __init__(self, networks: nn.ModuleDict, keep: float) -> None:
        self.keep = keep
        self.updates = 0
        self.networks = copy.deepcopy(networks).eval().requires_grad_(False)
        trained = {name for name, weight in networks.named_parameters() if weight.requires_grad}
        trained |= {name for name, _ in networks.named_buffers()}
        self._names = [name for name in networks.state_dict() if name in trained]

    @torch.no_grad()
    def update(self, networks: nn.ModuleDict) -> None:
        """Move towards the present weights of the networks that this is a copy of."""
        keep = min(self.keep, (1 + self.updates) / (10 + self.updates)) if self.keep else 0.0
        self.updates += 1
        theirs, mine = networks.state_dict(), self.networks.state_dict()
        moving = [name for name in self._names if mine[name].is_floating_point()]
        torch._foreach_lerp_(
            [mine[name] for name in moving], [theirs[name] for name in moving], 1 - keep
        )
        for name in self._names:
            if not mine[name].is_floating_point():
                mine[name].copy_(theirs[name])
