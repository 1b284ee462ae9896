"""Published weights that the user may ask for: what they are, whose they are, where they lie.

Nothing here is downloaded unless the user asks (``avatar weights fetch NAME``).
"""

import re
from dataclasses import dataclass

_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,99}", re.ASCII)
"""No separator, drive or leading dot: joined to a folder it stays in it, on every system."""

_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class RemoteFile:
    """One file of a release: its name, exact size in bytes and SHA-256 (hex, lower case).

    Raises:
        ValueError: the name could lead out of the folder that it is saved in, or size or SHA-256
            check nothing.
    """

    name: str
    size: int
    sha256: str

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"a remote file is called {self.name!r}, expected a plain file name")
        if self.size <= 0 or not _SHA256.fullmatch(self.sha256):
            raise ValueError(
                f"{self.name} has {self.size} bytes and the SHA-256 {self.sha256!r}, expected a "
                "positive size and 64 hex digits in lower case"
            )


@dataclass(frozen=True)
class Release:
    """Files of one published model, under one base address that ends with a slash."""

    name: str
    title: str
    base: str
    page: str
    licence: str
    licence_url: str
    terms: str
    holders: str
    installs_as: str
    files: tuple[RemoteFile, ...]

    @property
    def size(self) -> int:
        """Bytes of all files together."""
        return sum(file.size for file in self.files)


DAGAN = Release(
    name="dagan",
    title="official DaGAN, VoxCeleb 256x256",
    base=(
        "https://huggingface.co/spaces/HarlanHong/DaGAN/resolve/"
        "57e5bc7a1921191b109b398d914ea5c1898fe29e/"
    ),
    page="https://github.com/harlanhong/CVPR2022-DaGAN",
    licence="CC BY-NC 4.0",
    licence_url="https://creativecommons.org/licenses/by-nc/4.0/",
    terms="non-commercial use only, with credit to the authors",
    holders="the authors of DaGAN: Fa-Ting Hong, Longhao Zhang, Li Shen, Dan Xu (CVPR 2022)",
    installs_as="vox256",
    files=(
        RemoteFile(
            "generator.pt",
            270494161,
            "34ac6a18ca3b0d9df080990d4975d9f4db04f7216fa9dbe4d580e920ee4b2bde",
        ),
        RemoteFile(
            "kp_detector.pt",
            57103620,
            "6f03aac403bf71445163f22cd7f883548980603065326c6b8ee08b74ad18d1bd",
        ),
        RemoteFile(
            "encoder.pth",
            46837645,
            "de3d906dac888c2947cf0dabe319b8d3a5da98dd695d8b96512891f5c5a6bca3",
        ),
        RemoteFile(
            "depth.pth",
            12621521,
            "11eb72a1e520d6086d9f357b6740340a235b067acdd6d495049877de2772d1a4",
        ),
    ),
)

RELEASES: dict[str, Release] = {DAGAN.name: DAGAN}
