"""Batch normalisation over the batch of all processes.

PyTorch's SyncBatchNorm computes on GPUs only; :class:`Synchronised` does the same in plain
operations for the others, so that many processes on a CPU train as one would.
"""

from typing import Any

import torch
from torch import Tensor, distributed, nn
from torch.nn.modules.batchnorm import _BatchNorm


class _Sum(torch.autograd.Function):
    """The sum over processes; the gradient of a sum is the sum of gradients."""

    @staticmethod
    def forward(ctx: Any, value: Tensor, group: Any) -> Tensor:
        ctx.group = group
        total = value.clone(memory_format=torch.contiguous_format)
        distributed.all_reduce(total, group=group)
        return total

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        return _Sum.apply(gradients[0], ctx.group), None


class Synchronised:
    """Mixed into the class of a BatchNorm: in training its mean and variance are those of the
    batches of all processes, in evaluation it is as it was. All processes have equal batches."""

    group: Any = None

    def forward(self, x: Tensor) -> Tensor:
        """x (B, C, ...) of any float type, normalised in float32."""
        assert isinstance(self, _BatchNorm)
        if not self.training:
            return _BatchNorm.forward(self, x)
        self._check_input_dim(x)
        across = [axis for axis in range(x.dim()) if axis != 1]
        shape = [1, -1] + [1] * (x.dim() - 2)
        wide = x.float()
        count = x.numel() // x.shape[1] * distributed.get_world_size(self.group)
        # Two passes: a difference of squares would lose digits where the mean is large.
        mean = _Sum.apply(wide.sum(across), self.group) / count
        centred = wide - mean.view(shape)
        variance = _Sum.apply(centred.square().sum(across), self.group) / count
        if self.track_running_stats:
            self._remember(mean.detach(), variance.detach() * (count / max(1, count - 1)))
        found = centred * torch.rsqrt(variance + self.eps).view(shape)
        if self.affine:
            found = found * self.weight.view(shape) + self.bias.view(shape)
        return found.to(x.dtype)

    def _remember(self, mean: Tensor, variance: Tensor) -> None:
        """Move the running statistics, as PyTorch's do: the variance is the unbiased one."""
        assert isinstance(self, _BatchNorm)
        assert self.running_mean is not None and self.running_var is not None
        assert self.num_batches_tracked is not None
        self.num_batches_tracked.add_(1)
        share = self.momentum
        if share is None:
            share = 1 / float(self.num_batches_tracked)
        self.running_mean.lerp_(mean, share)
        self.running_var.lerp_(variance, share)


def synchronise(networks: nn.Module, group: Any, *, cuda: bool) -> None:
    """Let every BatchNorm inside normalise over all processes of a group, from now on.

    The modules stay the same objects with the same weights and names; only their class changes, so
    that phases that hold them need not know.

    Args:
        networks: where they are.
        group: of processes, used for nothing else, so that its messages stay in order.
        cuda: PyTorch's own SyncBatchNorm instead of ours.
    """
    mixin: type = nn.SyncBatchNorm if cuda else Synchronised
    attribute = "process_group" if cuda else "group"
    for module in networks.modules():
        if isinstance(module, _BatchNorm) and not isinstance(module, mixin):
            kind = type(module)
            # The group is the class's, not the module's: modules are copied, groups cannot be.
            module.__class__ = type(kind.__name__, (mixin, kind), {attribute: group})
