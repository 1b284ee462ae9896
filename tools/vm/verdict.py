"""Verdict: what the guest claimed and how alike its pictures are, told and kept as JSON."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tools.vm.guest.record import Claim
from tools.vm.likeness import PSNR_DB, SSIM, Match

WORDS = {True: ("held", "green"), False: ("FAILED", "red"), None: ("", "dim")}


@dataclass(frozen=True)
class Verdict:
    """The outcome of a run.

    Attributes:
        claims: of the guest, and of the host about its pictures.
        versions: of what was in the image.
        seconds: how long the guest ran.
        revision: of the sources.
    """

    claims: tuple[Claim, ...]
    versions: dict[str, str]
    seconds: float
    revision: str

    @property
    def passed(self) -> bool:
        """Whether anything was judged, and all of it held."""
        judged = [claim.held for claim in self.claims if claim.held is not None]
        return bool(judged) and all(judged)

    def show(self, console: Console) -> None:
        """Print a table."""
        table = Table(box=None, pad_edge=False, header_style="bold")
        for heading in ("proof", "", "claim"):
            table.add_column(heading)
        for claim in self.claims:
            word, colour = WORDS[claim.held]
            figures = ", ".join(f"{key} {value}" for key, value in claim.figures.items())
            told = Text(claim.says)
            if figures:
                told.append(f"\n{figures}", style="dim")
            table.add_row(claim.proof, Text(word, style=colour), told)
        console.print(table)
        console.print("All of it held." if self.passed else "Not all of it held.")

    def write(self, file: Path) -> None:
        """Keep it as JSON."""
        made: dict[str, Any] = {
            "passed": self.passed,
            "revision": self.revision,
            "seconds": round(self.seconds),
            "versions": self.versions,
            "claims": [asdict(claim) for claim in self.claims],
        }
        file.write_text(json.dumps(made, indent=1))


def judged(matches: Sequence[Match]) -> list[Claim]:
    """Claims about pictures that were read back, each with its nearest rendered one."""
    proof = "likeness"
    if not matches:
        return [Claim(proof, "pictures were read back", False)]
    decibels = [match.psnr_db for match in matches]
    alike = [match.ssim for match in matches]
    frames = [match.frame for match in matches]
    margin = median(match.psnr_db - match.usual_db for match in matches)
    return [
        Claim(
            proof,
            f"as avatar render makes them: median PSNR at least {PSNR_DB:g} dB, SSIM {SSIM:g}",
            median(decibels) >= PSNR_DB and median(alike) >= SSIM,
            {
                "pictures": len(matches),
                "psnr_db": [round(min(decibels), 1), round(median(decibels), 1)],
                "ssim": [round(min(alike), 3), round(median(alike), 3)],
                "above_a_wrong_picture_db": round(margin, 1),
            },
        ),
        Claim(
            proof,
            "they follow the clip: at least twenty different rendered pictures are the nearest",
            len(set(frames)) >= 20,
            {"frames": frames},
        ),
    ]
