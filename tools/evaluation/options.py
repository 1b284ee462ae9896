"""The options of ``python -m tools.evaluate``."""

import argparse
from pathlib import Path
from typing import NoReturn

from avatar.errors import UsageError
from tools.evaluation import metrics, trials
from tools.evaluation.models import CHOICES

DESCRIPTION = "Picture quality, measured by the papers' metrics and by our own."

MOTION = {"auto": None, "relative": True, "absolute": False}
"""Whether motion is relative; None decides by the trial."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message[:1].upper()}{message[1:]}.", hint=f"See {self.prog} --help.")


def parser() -> argparse.ArgumentParser:
    """The command's options."""
    made = _Parser(prog="python -m tools.evaluate", description=DESCRIPTION)
    what = made.add_argument_group("what is measured")
    what.add_argument(
        "--data",
        type=Path,
        required=True,
        metavar="FOLDER",
        help="clips: videos or folders of frames, square, cropped to the head",
    )
    what.add_argument("--split", help="only this split of the folder's manifest.json")
    what.add_argument(
        "--mode",
        choices=trials.MODES,
        default="self",
        help="self: the first frame drives its clip; pairs: two frames of a clip; cross: frames "
        "of two people; cross-clips: a portrait driven by another's clip (default: self)",
    )
    what.add_argument(
        "--list",
        type=Path,
        metavar="CSV",
        help="the pairs of this list instead (columns source, driving; best_frame if it has it)",
    )
    what.add_argument(
        "--pairs",
        type=_positive,
        metavar="N",
        help="how many are drawn (default: pairs 1000, cross 500, cross-clips 2 for each driver)",
    )
    what.add_argument("--seed", type=int, default=0, help="of the draw (default: 0)")
    what.add_argument(
        "--every", type=_positive, default=1, metavar="N", help="every N-th driving frame"
    )
    what.add_argument("--frames", type=_positive, metavar="N", help="at most N of them in a clip")
    what.add_argument("--limit", type=_positive, metavar="N", help="only the first N clips")
    what.add_argument(
        "--halves",
        action="store_true",
        help="besides all, even- and odd-numbered people apart, to choose by one and report on "
        "the other",
    )
    how = made.add_argument_group("what is compared")
    how.add_argument(
        "--model", nargs="+", default=["compact"], metavar="NAME", help="weights; several compare"
    )
    how.add_argument("--engine", default="eager", metavar="NAME[:PRECISION]", help="default: eager")
    for part in ("depth", "attention"):
        how.add_argument(
            f"--{part}", choices=CHOICES, default="on", help=f"the {part} of the models"
        )
    how.add_argument(
        "--motion",
        choices=MOTION,
        default="auto",
        help="auto: relative where the driver has a neutral frame (cross-clips, best_frame)",
    )
    how.add_argument(
        "--alone",
        action="store_true",
        help="only the models, without baselines and ceilings: several times faster",
    )
    how.add_argument(
        "--results",
        nargs="+",
        default=[],
        metavar="NAME=FOLDER",
        help="results of other programs too (mode self): clips named like those they came from",
    )
    by = made.add_argument_group("what it is measured by")
    by.add_argument(
        "--metrics",
        nargs="+",
        metavar="NAME",
        help="only these; an error if one cannot be had. " + ", ".join(metrics.METRICS),
    )
    by.add_argument("--embedding", type=Path, metavar="ONNX", help="face embedding: CSIM, AED")
    by.add_argument(
        "--landmarker",
        type=Path,
        metavar="TASK",
        help="MediaPipe's face_landmarker.task: pose and expression, and the landmarks",
    )
    by.add_argument(
        "--features", type=Path, metavar="SAFETENSORS", help="MobileNetV2: feature distance"
    )
    to = made.add_argument_group("where it goes")
    to.add_argument("--json", type=Path, metavar="FILE", help="the whole report")
    to.add_argument("--html", type=Path, metavar="FOLDER", help="a page with frames (of people)")
    to.add_argument(
        "--show",
        type=_positive,
        default=4,
        metavar="N",
        help="on the page: the N worst frames and the N best (default: 4)",
    )
    return made


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1 on, got {text}")
    return number
