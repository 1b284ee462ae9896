"""Image: the guest's disk and kernel, built once and kept in the user's cache folder."""

import hashlib
import json
import os
import shutil
import subprocess
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from avatar.errors import AvatarError
from avatar.places import cache_dir
from tools.vm.share import ROOT, fill

SUITE = "bookworm"
"""Debian 12: its Python is 3.11, and its v4l2loopback builds for its kernel."""

MIRROR = "http://deb.debian.org/debian"
SECURITY = "http://deb.debian.org/debian-security"

DEBIAN = ("tools/vm/debian.sh",)
"""What another Debian is built for."""

GUEST = (*DEBIAN, "tools/vm/guest.sh", "tools/setup.py", "tools/constraints.txt", "pyproject.toml")
"""What another image is built for. The project's own sources come in at every start."""

_SETTINGS = "pyproject.toml"

PROGRAMS = {
    "debootstrap": "debootstrap",
    "mke2fs": "e2fsprogs",
    "unshare": "util-linux",
    "qemu-system-x86_64": "qemu-system-x86",
}
"""Program: Debian's package of it."""

FREE_BYTES = 12 << 30
"""The folder that becomes the image, the image, and what apt and pip unpack meanwhile."""


@dataclass(frozen=True)
class Image:
    """Files of a guest.

    Attributes:
        folder: where they are.
    """

    folder: Path

    @property
    def disk(self) -> Path:
        """Raw ext4, without partitions."""
        return self.folder / "guest.ext4"

    @property
    def kernel(self) -> Path:
        """The kernel, to be started directly."""
        return self.folder / "vmlinuz"

    @property
    def initrd(self) -> Path:
        """Its first stage."""
        return self.folder / "initrd.img"

    @property
    def versions(self) -> dict[str, str]:
        """Of what is in it: kernel, Debian's packages, Python's."""
        lines = (self.folder / "versions.txt").read_text().splitlines()
        split = (line.replace("==", " ").split(maxsplit=1) for line in lines)
        return {words[0]: words[1] for words in split if len(words) == 2}

    @property
    def complete(self) -> bool:
        """Whether it was built to its end: the stamp is written last."""
        return (self.folder / "complete").exists()


def fingerprint(inputs: Sequence[str], root: Path = ROOT) -> str:
    """Of files that something is built from: 16 hexadecimal digits."""
    digest = hashlib.sha256()
    for name in inputs:
        data = (root / name).read_bytes()
        if name == _SETTINGS:  # of linters and tests, mostly: what is installed is in one table
            data = json.dumps(tomllib.loads(data.decode())["project"], sort_keys=True).encode()
        digest.update(f"{name} {len(data)}\n".encode() + data)
    return digest.hexdigest()[:16]


def missing(which: Callable[[str], str | None] = shutil.which) -> list[str]:
    """Debian's packages that building and running need and this machine has not."""
    return [package for program, package in PROGRAMS.items() if which(program) is None]


def ready_image(rebuild: bool = False, folder: Path | None = None) -> Image:
    """The image for these sources; built where there is none yet, which takes minutes.

    Args:
        rebuild: build it anew even if there is one.
        folder: where images are kept; None: the user's cache folder.

    Raises:
        AvatarError: programs, rights or room are missing, or a step failed.
    """
    if lacking := missing():
        raise AvatarError(
            f"The virtual machine needs {', '.join(lacking)}.",
            hint=f"Run: sudo apt-get install --no-install-recommends {' '.join(lacking)}",
        )
    kept = (cache_dir() / "vm") if folder is None else folder
    image = Image(kept / fingerprint(GUEST))
    if image.complete and not rebuild:
        return image
    kept.mkdir(parents=True, exist_ok=True)
    if os.geteuid() != 0:
        raise AvatarError(
            "Building the guest needs root, for debootstrap and chroot.",
            hint="Run it once as root; an image that is there needs none.",
        )
    debian = kept / f"debian-{fingerprint(DEBIAN)}.tar"
    for old in kept.iterdir():  # what was made of other sources is of no more use
        if old != debian or rebuild:
            shutil.rmtree(old) if old.is_dir() else old.unlink()
    if (free := shutil.disk_usage(kept).free) < FREE_BYTES:
        raise AvatarError(
            f"{free / 1e9:.1f} GB are free in {kept}, expected {FREE_BYTES / 1e9:.1f}.",
            hint="Free some space, or name another place with XDG_CACHE_HOME.",
        )
    if not debian.exists():
        _script("tools/vm/debian.sh", str(debian), SUITE, MIRROR, SECURITY)
    image.folder.mkdir()
    project = image.folder / "project"
    fill(project)
    _script("tools/vm/guest.sh", str(image.folder), str(debian), str(project))
    shutil.rmtree(project)
    (image.folder / "complete").touch()
    return image


def _script(script: str, *words: str) -> None:
    command = ["unshare", "--mount", "--propagation", "private", "nice", "-n", "10", "sh"]
    done = subprocess.run([*command, str(ROOT / script), *words], stdin=subprocess.DEVNULL)
    if done.returncode:
        raise AvatarError(
            f"The guest could not be built: {script} ended with {done.returncode}.",
            hint="The messages of apt, dkms and pip above say why.",
        )
