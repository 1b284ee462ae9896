"""A scene of known geometry, seen by a camera before and after a known motion."""

from collections.abc import Callable
from typing import NamedTuple

import pytest
import torch
from torch import Tensor

from tools.training.depth.geometry import Camera, Motion, back_project, rotation
from tools.training.depth.reconstruction import Triplet

SIDE = 64
CENTRE = torch.tensor([0.0, 0.0, 1.2])
RADII = torch.tensor([0.45, 0.55, 0.35])
WALL = 2.0


class Scene(NamedTuple):
    """An ellipsoid ("head") before a wall, in three frames.

    Attributes:
        frames: (1, 3, 64, 64) each.
        depth: (1, 1, 64, 64) of the target.
        camera: of all frames.
        motions: from the target's camera to the previous and to the next frame's.
    """

    frames: Triplet
    depth: Tensor
    camera: Camera
    motions: tuple[Motion, Motion]


def texture(points: Tensor) -> Tensor:
    """Colours (3, H, W) of places (H, W, 3) on a surface: waves of a few pixels' length."""
    waves = torch.tensor([[9.0, 4.0, 5.0], [-5.0, 8.0, 3.0], [3.0, -6.0, 11.0]])
    phase = points @ waves.T
    colour = 0.5 + 0.25 * torch.sin(phase) + 0.2 * torch.sin(2.3 * phase.roll(1, -1))
    return colour.permute(2, 0, 1)


def render(camera: Camera, motion: Motion) -> tuple[Tensor, Tensor]:
    """A picture (1, 3, S, S) and depth (1, 1, S, S) from a camera that sees X as R X + t, by
    intersecting every pixel's ray with the ellipsoid and the wall."""
    ones = torch.ones(1, 1, SIDE, SIDE)
    back = motion.inverse()
    rays = (back_project(ones, camera)[0]) @ back.rotation[0].T
    eye = back.translation[0]
    a = (rays / RADII).square().sum(-1)
    b = (rays * (eye - CENTRE) / RADII**2).sum(-1)
    c = ((eye - CENTRE) / RADII).square().sum() - 1
    root = b**2 - a * c
    head = (-b - root.clamp(min=0).sqrt()) / a
    wall = (WALL - eye[2]) / rays[..., 2]
    depth = torch.where(root > 0, head, wall)
    return texture(eye + depth[..., None] * rays)[None], depth[None, None]


def turned(degrees: float, shift: float) -> Motion:
    """A turn about the vertical through the ellipsoid's centre, and a shift to the right."""
    turn = rotation(torch.tensor([[0.0, degrees * torch.pi / 180, 0.0]]))
    about = CENTRE - turn[0] @ CENTRE
    return Motion(turn, (about + torch.tensor([shift, 0.0, 0.0]))[None])


def seen_moving(degrees: float, shift: float) -> Scene:
    """The scene with a neighbour on either side by the same motion."""
    camera = Camera(torch.full((1, 2), 70.0), torch.full((1, 2), 31.5))
    still = Motion(torch.eye(3)[None], torch.zeros(1, 3))
    motions = (turned(-degrees, -shift), turned(degrees, shift))
    target, depth = render(camera, still)
    previous, following = (render(camera, motion)[0] for motion in motions)
    return Scene(Triplet(previous, target, following), depth, camera, motions)


@pytest.fixture(scope="session")
def moving() -> Callable[[float, float], Scene]:
    """Makes a scene of degrees and shift between neighbours."""
    return seen_moving


@pytest.fixture(scope="session")
def scene() -> Scene:
    """Moves by about eight pixels."""
    return seen_moving(3, 0.12)


@pytest.fixture(scope="session")
def slow_scene() -> Scene:
    """Moves by about two pixels."""
    return seen_moving(1, 0.03)
