"""Look: what only the window needs to remember, beside the RunConfig that drives a session."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from avatar.errors import UsageError


class Theme(Enum):
    """Which palette the window wears."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, kw_only=True)
class Look:
    """How the window looks and behaves; saved with the settings, field by field.

    A new field needs a default and a type of plain values (bool, int, float, str, Path, an Enum,
    None, a tuple or mapping of those, a frozen dataclass of those); it is then saved by itself.
    Change it with ``controller.change_look(view="depth")``, never in place.

    Attributes:
        view: name of the view of the result.
        overlay_opacity: of the driver laid over the result, in [0, 1].
        mirror_preview: show previews like a mirror; None = as the source suggests.
        overlay: crop box and keypoints are drawn on the driving picture.
        keypoint_axes: the view of the keypoints shows how they are turned.
        figures: frame rate and ages are drawn on the result.
        page: of the sidebar.
        geometry: place and size of the window, as Qt's saveGeometry in Base64; "" = the default.
        guide_seen: the first-run guide was finished or left.
        start_at_once: start the session with the window, without a press of Start.
        profile: the one in use; "" = none.
        theme: light, dark or the desktop's.
        language: such as "de"; "" = the system's.
        recordings: folder of recordings; None = the user's videos.
        snapshots: folder of snapshots; None = the user's pictures.
        keys: keys by action where they are not the default, separated by spaces ("F5 Ctrl+R");
            an empty text means no key.
        recent_videos: files that drove the portrait, newest first.

    Raises:
        UsageError: an opacity outside [0, 1].
    """

    view: str = "result"
    overlay_opacity: float = 0.0
    mirror_preview: bool | None = None
    overlay: bool = True
    figures: bool = False
    keypoint_axes: bool = False
    page: str = "portrait"
    geometry: str = ""
    guide_seen: bool = False
    start_at_once: bool = True
    profile: str = ""
    theme: Theme = Theme.SYSTEM
    language: str = ""
    recordings: Path | None = None
    snapshots: Path | None = None
    keys: Mapping[str, str] = field(default_factory=dict)
    recent_videos: tuple[Path, ...] = ()

    def __post_init__(self) -> None:
        if not 0.0 <= self.overlay_opacity <= 1.0:
            raise UsageError(
                f"Got an overlay opacity of {self.overlay_opacity:g}; expected 0 to 1.",
                hint="0 hides the driver, 1 hides the result.",
            )
