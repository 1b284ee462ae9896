"""``avatar run``: the live session, in a window or headless."""

import argparse
import json
import logging
import os
import sys
from collections import deque
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from avatar.cli.given import over
from avatar.cli.interrupt import interruptible
from avatar.cli.motion import add_motion_options, motion_settings
from avatar.config import RunConfig, changes
from avatar.errors import UsageError
from avatar.framing import Framing
from avatar.places import config_dir
from avatar.rest import MODES, NEUTRAL, Rest
from avatar.settings.profiles import PROFILES, RUN, Profiles
from avatar.stats import SKIPPED, SessionStats, resident_mb

if TYPE_CHECKING:
    from rich.console import Console

    from avatar.events import Event

log = logging.getLogger(__name__)

DEMO = Path("avatar-demo.mp4")
DEMO_S = 10.0
"""What a run without a display records instead of opening a window, and how long."""

STOP_S = 5.0
"""How long the end may take: a recording is completed."""

_REFRESH_S = 0.25


def add_parser(subparsers: "argparse._SubParsersAction[Any]") -> argparse.ArgumentParser:
    """Describe the options of ``avatar run``."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "run",
        help="puppeteer a portrait live",
        description="Puppeteer a portrait live, by a camera or a face video.",
    )
    parser.add_argument("--portrait", type=Path, metavar="FILE", help="picture to animate")
    parser.add_argument(
        "--camera",
        metavar="WHICH",
        help="index, name, device or id of a camera, a video file, or 'synthetic' "
        "(default: the first camera; without one the bundled driver)",
    )
    parser.add_argument(
        "--size", type=_size, metavar="WxH", help="picture size asked of the camera"
    )
    parser.add_argument("--fps", type=float, help="frames per second asked of the camera")
    parser.add_argument("--loop", action="store_true", help="repeat a video file")
    parser.add_argument("--model", default="compact", help="weights: name or file (%(default)s)")
    parser.add_argument(
        "--engine",
        default="auto",
        metavar="NAME[:PRECISION]",
        help="what runs the networks: an engine such as ov or ov:int8 (avatar engines lists them), "
        "or the fastest that works here (%(default)s)",
    )
    parser.add_argument(
        "--virtual-camera",
        nargs="?",
        const="",
        metavar="DEVICE",
        help="show the result as a camera that Zoom and OBS can choose",
    )
    parser.add_argument("--record", type=Path, metavar="FILE", help="write the result to a video")
    parser.add_argument("--mirror", action="store_true", help="move like a mirror image")
    parser.add_argument(
        "--no-crop", action="store_true", help="take the centre square, follow no face"
    )
    parser.add_argument(
        "--rest",
        choices=MODES,
        default=NEUTRAL,
        help="when the face is gone: hold the last pose, ease to the neutral one, or show the "
        "slate (%(default)s)",
    )
    parser.add_argument(
        "--rest-after",
        type=float,
        default=Rest().after_s,
        metavar="S",
        help="seconds until then (%(default)g)",
    )
    parser.add_argument(
        "--slate", type=Path, metavar="FILE", help="picture that hides you (default: a plain card)"
    )
    parser.add_argument(
        "--zoom", type=float, default=0.0, help="closer to the face (0.2) or further (-0.2)"
    )
    parser.add_argument(
        "--pan",
        type=_pan,
        default=(0.0, 0.0),
        metavar="X,Y",
        help="move the crop right and down, in parts of its side: --pan=0.1,-0.05",
    )
    parser.add_argument("--headless", action="store_true", help="without a window")
    parser.add_argument("--duration", type=float, metavar="S", help="end after S seconds")
    parser.add_argument(
        "--json", action="store_true", help="print the figures as the last line (headless)"
    )
    add_motion_options(parser)
    parser.add_argument(
        "--profile", metavar="NAME", help="use a profile saved in the window, for this run"
    )
    parser.add_argument(
        "--portable",
        action="store_true",
        help="keep settings, weights and all else in a folder beside the program from now on",
    )
    return parser


def run(args: argparse.Namespace) -> int:
    """Run a session as asked; the exit code."""
    asked = _asked(args)
    if asked.headless or not _has_display():
        config = asked if args.profile is None else over(_profile(args.profile), asked, args.given)
        return _headless(config) if asked.headless else _demo(config)
    if asked.json or asked.duration_s is not None:
        option = "--json" if asked.json else "--duration"
        raise UsageError(f"{option} goes with a headless run.", hint="Add --headless.")
    from ui.app import main

    return main(lambda saved: over(saved, asked, args.given), args.profile)


def _asked(args: argparse.Namespace) -> RunConfig:
    """What the command line alone asks for."""
    return RunConfig(
        portrait=args.portrait,
        camera=args.camera,
        model=args.model,
        engine=args.engine,
        virtual_camera=args.virtual_camera is not None,
        virtual_camera_device=args.virtual_camera or None,
        record=args.record,
        headless=args.headless,
        duration_s=args.duration,
        mirror=args.mirror,
        motion=motion_settings(args),
        rest=Rest(mode=args.rest, after_s=args.rest_after),
        slate=args.slate,
        crop=not args.no_crop,
        framing=Framing(args.zoom, *args.pan),
        loop=args.loop,
        size=args.size,
        fps=args.fps,
        json=args.json,
    )


def _profile(name: str) -> RunConfig:
    """The settings of a profile; what is wrong with its file goes to stderr."""
    loaded = Profiles(config_dir() / PROFILES).load(name)
    for problem in loaded.problems:
        print(f"warning: {problem.message}\n  what to do: {problem.hint}", file=sys.stderr)
    config: RunConfig = loaded.values[RUN]
    return config


def _demo(config: RunConfig) -> int:
    """Where no window can be opened: the same session, recorded."""
    record = config.record or DEMO
    config = replace(config, headless=True, record=record, duration_s=config.duration_s or DEMO_S)
    why = "There is no display (DISPLAY and WAYLAND_DISPLAY are not set), so no window was opened"
    print(f"{why}: recording {config.duration_s:g} s without one.", file=sys.stderr)
    code = _headless(config)
    if code == 0 and record.exists():
        print(f"{why}. The result is in {record.absolute()}", file=sys.stderr)
    return code


def _headless(config: RunConfig) -> int:
    """Run without a window until the duration is over, the driver ends, or a signal comes."""
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    from avatar.session import open_session

    console = Console(stderr=True)
    log.info("settings that are not the default: %s", changes(config))
    session = open_session(config)
    ready_at: list[float] = []
    build: deque[str] = deque(maxlen=1)  # how far the engine is that is built meanwhile

    def hear(event: "Event") -> None:
        if event.kind == "ready":
            ready_at.append(monotonic())
        if event.kind == "loading":
            line.update(Text(f"{event.message} ..."))
        elif event.kind == "building":
            build.append(f"{event.message} {(event.share or 0.0) * 100:.0f} %")
        else:
            if event.kind == "built":
                build.clear()
            _tell(console, event)

    with interruptible() as interrupted, Live(console=console, transient=True) as line:
        session.on_event(hear)
        session.start()
        try:
            while not (session.wait(_REFRESH_S) or interrupted.is_set() or session.sinks_failed()):
                ran_s = monotonic() - ready_at[0] if ready_at else 0.0
                if config.duration_s is not None and ran_s >= config.duration_s:
                    break
                if ready_at:
                    figures = _figures(session.stats(), ran_s, config.duration_s)
                    line.update(Text("  ".join((figures, *build))))
        finally:
            line.update(Text("Stopping ..."))
            survivors = session.stop(STOP_S)
    if survivors:
        print(f"warning: still running: {', '.join(survivors)}", file=sys.stderr)
    if config.json:
        print(json.dumps(_report(session.stats(), session.source.name)), flush=True)
    problems = [error for error in (session.failure, *session.sink_errors()) if error is not None]
    return problems[0].exit_code if problems else 0


def _tell(console: "Console", event: "Event") -> None:
    """Print what a session tells; errors look like every other error of the command."""
    prefix = f"{event.kind}: " if event.kind in ("warning", "error") else ""
    text = f"{prefix}{event.message}" + (f"\n  what to do: {event.hint}" if event.hint else "")
    console.print(text, markup=False, highlight=False, soft_wrap=True)


def _figures(stats: SessionStats, ran_s: float, duration_s: float | None) -> str:
    """The line that shows a headless run going on."""
    time = f"{ran_s:.0f} s" if duration_s is None else f"{ran_s:.0f}/{duration_s:g} s"
    age = f"{stats.frame_age_ms['p50']:.0f} ms" if stats.frame_age_ms else "-"
    skipped = stats.drops.get(SKIPPED, 0)
    drops = f"{sum(stats.drops.values()) - skipped} dropped"
    if skipped:
        drops = f"{skipped} skipped: engine slower than camera  {drops}"
    return f"{time}  {stats.fps:.1f} fps  age {age}  {drops}  {stats.engine}"


def _report(stats: SessionStats, camera: str) -> dict[str, Any]:
    """The figures that ``--json`` prints."""
    unknown: dict[str, float | None] = {"p50": None, "p95": None, "p99": None}
    return {
        "fps_out": round(stats.fps_out, 2),
        "frame_age_ms": stats.frame_age_ms or unknown,
        "drops": stats.drops,
        "engine": stats.engine,
        "engine_reason": stats.engine_reason,
        "model": stats.model,
        "camera": camera,
        "frames": stats.frames,
        "seconds": round(stats.seconds, 2),
        "stage_ms": stats.stage_ms,
        "stage_age_ms": stats.stage_age_ms,
        "sink_age_ms": stats.sink_age_ms,
        "rss_mb": round(resident_mb(), 1),
    }


def _has_display() -> bool:
    """Whether a window can be opened: always but on a Linux without a display."""
    if not sys.platform.startswith("linux"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _size(text: str) -> tuple[int, int]:
    """``1280x720`` as (1280, 720)."""
    width, by, height = text.lower().partition("x")
    if not (by and width.isdecimal() and height.isdecimal()):
        raise argparse.ArgumentTypeError(f"got {text!r}, expected a size such as 1280x720")
    return int(width), int(height)


def _pan(text: str) -> tuple[float, float]:
    """``0.1,-0.05`` as (0.1, -0.05)."""
    try:
        x, y = (float(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"got {text!r}, expected two numbers such as 0.1,-0.05"
        ) from None
    return x, y
