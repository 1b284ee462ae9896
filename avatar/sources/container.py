"""Opening video files: what they are, whether they are all there, which way up they are."""

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from avatar.errors import SourceError
from avatar.picture import DAMAGED

if TYPE_CHECKING:
    import av

LOCAL = {"protocol_whitelist": "file"}
"""A play list that calls itself a video may name addresses, and FFmpeg must follow none. Its own
default for files is nearly that, not a promise."""

_TAIL = 64  # index entries looked at to see whether the file is all there


def open_local(path: Path) -> Any:
    """A file as a PyAV container, whatever language its title is written in; the caller closes it.

    Raises:
        av.FFmpegError, OSError: it is nothing that FFmpeg reads, or leads to a server.
    """
    import av

    # Titles in other encodings than UTF-8 are common, and nothing here shows them.
    return av.open(str(path), options=dict(LOCAL), metadata_errors="replace")


def open_video(path: Path) -> "tuple[av.container.InputContainer, av.video.stream.VideoStream]":
    """Open a video file and pick its moving picture; whoever opens closes the container.

    Raises:
        SourceError: not a video, damaged, cut off, or without pictures (sound only).
    """
    import av

    try:
        container = open_local(path)
    except (av.FFmpegError, OSError) as error:
        raise _not_a_video(path) from error
    videos = [s for s in container.streams.video if not _is_cover(s)]
    problem = None
    if not videos:
        has = "only sound" if container.streams.audio else "nothing to show"
        problem = SourceError(
            f"{path} has no video stream, {has}.", hint="Give a file with a moving picture."
        )
    elif videos[0].codec_context is None:
        problem = SourceError(
            f"{path} has pictures in a format that is not known here.",
            hint="It is damaged, or needs converting: to H.264 in an mp4, say.",
        )
    elif missing := _missing_bytes(path, videos[0]):
        problem = SourceError(
            f"{path} is cut off: the last {missing} bytes of its pictures are missing.",
            hint="Copy or download it again.",
        )
    if problem is not None:
        container.close()
        raise problem
    return container, videos[0]


def _is_cover(stream: Any) -> bool:
    import av

    return bool(stream.disposition & av.stream.Disposition.attached_pic)


def _missing_bytes(path: Path, stream: Any) -> int:
    """How many bytes the container's index promises beyond the end of the file."""
    entries = stream.index_entries
    count = len(entries)
    ends = (entries[i].pos + entries[i].size for i in range(max(0, count - _TAIL), count))
    return max(0, max(ends, default=0) - path.stat().st_size)


def _not_a_video(path: Path) -> SourceError:
    with path.open("rb") as file:
        head = file.read(12)
    if head[4:8] == b"ftyp":
        return SourceError(
            f"{path} is damaged or cut off: this mp4 has no index.",
            hint="Copy or download it again; a recording that was cut off may need repair.",
        )
    return SourceError(
        f"{path} is not a video or picture that can be read.",
        hint="Use an mp4, mov, mkv, webm or avi video, or a JPEG or PNG picture.",
    )


def is_still(path: Path) -> bool:
    """Whether it is one picture, rather than a video or an animation."""
    from PIL import Image as PillowImage

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", PillowImage.DecompressionBombWarning)
            opened = PillowImage.open(path)
        with opened:
            return opened.format != "MPEG" and not getattr(opened, "is_animated", False)
    except PillowImage.DecompressionBombError:
        return True
    except DAMAGED:
        return False


def quarter_turns(frame: Any) -> int:
    """Counter-clockwise quarter turns that bring a decoded frame upright."""
    return round(getattr(frame, "rotation", 0) / 90) % 4
