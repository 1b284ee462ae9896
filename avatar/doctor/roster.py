"""The roster: every check, in the order in which they run."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from avatar.doctor import cameras, engines, face, machine, qt, settings, virtual_camera, weights
from avatar.doctor.apart import Apart
from avatar.doctor.finding import Finding


@dataclass(frozen=True)
class Check:
    """One check.

    Attributes:
        name: for ``--only``, and in the report.
        doing: what is shown meanwhile.
        run: gives its findings as they come.
        limit_s: seconds after which it is given up, whatever it waits for.
        needed: what the main job needs of it: "all" of its findings, "any" of them, or "" nothing.
    """

    name: str
    doing: str
    run: Callable[[Apart], Iterable[Finding]]
    limit_s: float = 30.0
    needed: str = ""


def roster(model: str) -> tuple[Check, ...]:
    """All checks; engines are tried with this model, a name or a path."""
    return (
        Check("settings", "Reading the settings", settings.check),
        Check("places", "Looking at folders", machine.check_places),
        Check("memory", "Looking at memory", machine.check_memory),
        Check("gpu", "Looking for a GPU", machine.check_gpu),
        Check("weights", "Comparing hashes", weights.check, 180.0),
        Check("face", "Finding a face", face.check, 90.0, "all"),
        Check(
            "engines", "Animating", lambda apart: engines.check(apart, model), 600.0, "any"
        ),
        Check("cameras", "Opening cameras", cameras.check, 120.0),
        Check("virtual_camera", "Opening the virtual camera", virtual_camera.check, 60.0),
        Check("qt", "Starting Qt", qt.check, 60.0),
    )  # fmt: skip


NAMES = tuple(check.name for check in roster(""))
