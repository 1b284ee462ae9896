"""One phase's turn in a step: its loss, its gradient, its optimiser."""

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from avatar.errors import UsageError
from tools.training.distributed import Team
from tools.training.settings import Optimiser
from tools.training.stage import Batch, Phase, Terms

PATIENCE = 50
"""Steps in a row whose gradient may be non-finite before the run stops."""


@dataclass(frozen=True)
class Taken:
    """What a turn came to; equal in all processes.

    Attributes:
        terms: means over the global batch.
        norm: of the gradient, before clipping.
        finite: whether the loss was; if not, nothing was changed.
        handed: what later phases of the step get.
    """

    terms: dict[str, float]
    norm: float
    finite: bool
    handed: Batch


class _Loss(nn.Module):
    """What is wrapped for many processes: only the loss carries a gradient out, so that a figure
    that is only reported is not waited for."""

    def __init__(self, phase: Phase) -> None:
        super().__init__()
        self.phase = phase

    def forward(self, batch: Batch) -> tuple[Tensor, Terms, Batch]:
        terms, handed = self.phase(batch)
        counted = [term for name, term in terms.items() if not name.startswith("_")]
        loss = torch.stack([term.float() for term in counted]).sum()
        return loss, {name: term.detach() for name, term in terms.items()}, handed


class Turn:
    """A phase with its optimiser.

    Raises:
        UsageError: the phase trains nothing, or a scale is for none of its parameters.
    """

    def __init__(self, phase: Phase, settings: Optimiser, team: Team) -> None:
        self.label = phase.label
        self.settings = settings
        self.team = team
        self.skipped = 0
        """Steps in a row that were left out."""
        self.optimiser, self.parameters = _optimiser(phase, settings, team.device)
        self._loss = team.wrap(_Loss(phase))

    def take(self, batch: Batch, factor: float) -> Taken:
        """One step of the optimiser, at ``factor`` of its rates."""
        loss, terms, handed = self._loss(batch)
        stacked = torch.stack([term.float() for term in terms.values()])
        means = dict(zip(terms, self.team.mean(stacked).tolist(), strict=True))
        counted = [value for name, value in means.items() if not name.startswith("_")]
        if not all(map(math.isfinite, counted)):
            return Taken(means, math.nan, False, handed)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        most = self.settings.clip or math.inf
        norm = float(nn.utils.clip_grad_norm_(self.parameters, most))
        if math.isfinite(norm):
            for group in self.optimiser.param_groups:
                group["lr"] = self.settings.rate * group["scale"] * factor
            self.optimiser.step()
            self.skipped = 0
        else:
            self.skipped += 1
        return Taken(means, norm, True, handed)

    @property
    def lost(self) -> bool:
        """Whether gradients that are not finite should stop the run."""
        return self.skipped > (PATIENCE if self.settings.skip else 0)


def _optimiser(
    phase: Phase, settings: Optimiser, device: torch.device
) -> tuple[torch.optim.Optimizer, list[nn.Parameter]]:
    groups: dict[float, list[nn.Parameter]] = {}
    unused = set(settings.scales)
    for name, parameter in phase.named_parameters():
        if parameter.requires_grad:
            fitting = [prefix for prefix in settings.scales if name.startswith(prefix)]
            unused -= set(fitting)
            scale = settings.scales[max(fitting, key=len)] if fitting else 1.0
            groups.setdefault(scale, []).append(parameter)
    if not groups:
        raise UsageError(
            f"Phase {phase.label!r} trains nothing: none of its parameters requires a gradient.",
            hint="Let the recipe train at least one part of the networks.",
        )
    if unused:
        raise UsageError(
            f"[optimiser.scales] of phase {phase.label!r}: no parameter that is trained begins "
            f"with {', '.join(sorted(unused))}.",
            hint=f"Their names begin like {next(iter(dict(phase.named_parameters())))}.",
        )
    described: list[dict[str, Any]] = [
        {"params": parameters, "scale": scale} for scale, parameters in groups.items()
    ]
    kind = torch.optim.AdamW if settings.kind == "adamw" else torch.optim.Adam
    optimiser = kind(
        described,
        lr=settings.rate,
        betas=settings.betas,
        weight_decay=settings.weight_decay,
        fused=device.type in ("cpu", "cuda"),
    )
    return optimiser, [parameter for each in groups.values() for parameter in each]
