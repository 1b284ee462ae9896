"""Set-up: makes .venv and installs everything in it, once; run by ``make run`` and ``make test``.

Standard library only, and started by whatever ``python3`` is there, so that an unfit version gets a
sentence instead of a traceback. Every step prints a line. A stamp in .venv lets the next run start
at once, without the network. What it does not know: Windows (the README has the pip lines).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SUPPORTED = ((3, 11), (3, 12))
CPU_INDEX = "https://download.pytorch.org/whl/cpu"
NAME = "dagan-avatar"

# Face Mesh, all we use of mediapipe, works without most of what its metadata names (jaxlib alone is
# 330 MB; avatar/mesh.py stands in for matplotlib). So mediapipe is installed by itself, and beside
# it the rest that it names and we do not.
LEFT_OUT = ("jax", "jaxlib", "matplotlib", "sentencepiece", "sounddevice")
MEDIAPIPE_NEEDS = ("absl-py", "attrs>=19.1.0", "flatbuffers>=2.0", "protobuf>=4.25.3,<5")
EDITABLE_NEEDS = "editables"  # our own package is imported through it

# What Qt's xcb plugin, OpenCV and MediaPipe link against. Newer releases renamed some packages: any
# name of a tuple will do, and apt resolves the first one everywhere.
APT_PACKAGES: tuple[tuple[str, ...], ...] = (
    ("libegl1",),
    ("libgl1",),
    ("libglib2.0-0", "libglib2.0-0t64"),
    ("libdbus-1-3",),
    ("libfontconfig1",),
    ("libxkbcommon0",),
    ("libxkbcommon-x11-0",),
    ("libxcb-cursor0",),
    ("libxcb-icccm4",),
    ("libxcb-image0",),
    ("libxcb-keysyms1",),
    ("libxcb-randr0",),
    ("libxcb-render-util0",),
    ("libxcb-shape0",),
    ("libxcb-xinerama0",),
    ("libxcb-xkb1",),
)


class SetupError(Exception):
    """Set-up cannot go on; the message says why and what to do."""


def say(line: str) -> None:
    """Print one line of progress at once, even into a pipe."""
    print(f"set-up: {line}", flush=True)


def ask(argv: Sequence[str | Path], timeout_s: float = 30) -> str | None:
    """The standard output of a command, stripped; None when it is missing, fails or hangs."""
    try:
        done = subprocess.run(
            [str(word) for word in argv], capture_output=True, text=True, timeout=timeout_s
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def run(argv: Sequence[str | Path], env: dict[str, str] | None = None) -> bool:
    """Run a command with its output shown; True when it succeeded."""
    try:
        return subprocess.run([str(word) for word in argv], env=env, cwd=ROOT).returncode == 0
    except OSError as error:
        say(f"cannot run {argv[0]}: {error}")
        return False


# -- Python -------------------------------------------------------------------------------------


def version_of(python: str | Path) -> tuple[int, int] | None:
    """(major, minor) of an interpreter, None when it cannot be run."""
    out = ask([python, "-c", "import sys; print(*sys.version_info[:2])"])
    if out is None:
        return None
    major, minor = out.split()
    return int(major), int(minor)


def find_python() -> str:
    """The first interpreter of a supported version: the one running this, then those on PATH.

    Raises:
        SetupError: there is none; the message lists what was found.
    """
    found = []
    for candidate in (sys.executable, "python3.11", "python3.12"):
        path = shutil.which(candidate)
        version = version_of(path) if path else None  # a pyenv shim is there and yet does not run
        if path and version in SUPPORTED:
            return path
        if path and version:
            found.append(f"{version[0]}.{version[1]} ({path})")
    raise SetupError(
        f"Python 3.11 or 3.12 is needed (MediaPipe has no newer build); found "
        f"{', '.join(found) or 'none'}. Install python3.11 and python3.11-venv, or "
        "run: make setup PYTHON=/path/to/python3.11"
    )


def make_venv(venv: Path) -> Path:
    """Create the environment, or keep the one that is there and works; returns its interpreter."""
    python = venv / "bin" / "python"
    if version_of(python) in SUPPORTED and ask([python, "-m", "pip", "--version"]) is not None:
        return python
    base = find_python()
    say(f"creating {venv.name} with {base}")
    if ask([base, "-c", "import ensurepip, venv"]) is None and os.geteuid() == 0:
        version = "{}.{}".format(*(version_of(base) or SUPPORTED[0]))
        apt_install([f"python{version}-venv"])
    if not run([base, "-m", "venv", "--clear", venv]):
        raise SetupError(
            f"{base} could not create {venv}. On Debian and Ubuntu: apt-get install python3-venv"
        )
    return python


# -- System packages ----------------------------------------------------------------------------


def missing_packages() -> list[str]:
    """The apt packages that are not installed; empty on systems without dpkg."""
    if not shutil.which("dpkg-query"):
        return []
    names = [name for group in APT_PACKAGES for name in group]
    done = subprocess.run(  # exits 1 when a name is unknown, and still prints the others
        ["dpkg-query", "-W", "-f", "${db:Status-Status} ${Package}\n", *names],
        capture_output=True,
        text=True,
    )
    installed = {
        line.split()[1] for line in done.stdout.splitlines() if line.startswith("installed ")
    }
    return [group[0] for group in APT_PACKAGES if not installed.intersection(group)]


def apt_install(names: Sequence[str]) -> bool:
    """Install packages as root; True when apt succeeded."""
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    run(["apt-get", "update", "-qq"], env)  # stale lists may still do: let the install decide
    return run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *names], env)


def paste_line(names: Sequence[str]) -> str:
    """What a user without root has to paste."""
    return f"sudo apt-get install -y {' '.join(names)}"


def check_system() -> None:
    """Install what Qt and OpenCV need, or say what to paste; ``check_imports`` decides."""
    missing = missing_packages()
    if not missing:
        return
    if os.geteuid() == 0:
        say(f"installing system packages: {' '.join(missing)}")
        if apt_install(missing):
            return
        say("apt could not install them; going on without")
    say(f"the window needs system packages; paste this: {paste_line(missing)}")


# -- torch --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Build:
    """Which build of torch to install, and why."""

    kind: str
    """"cpu", "cuda", or "none": the light install."""
    reason: str


def choose_build(wanted: str, before: str | None = None) -> Build:
    """The build asked for; else none if it was none ``before``; else by the NVIDIA driver."""
    if wanted != "auto":
        return Build(wanted, "asked for")
    if before == "none":
        return Build("none", "as set up before; make run TORCH=cpu or TORCH=cuda adds it")
    name = ask(["nvidia-smi", "--query-gpu=name,driver_version", "--format=csv,noheader"])
    if name:
        return Build("cuda", f"NVIDIA driver found: {name.splitlines()[0]}")
    if Path("/proc/driver/nvidia/version").exists():
        return Build("cuda", "NVIDIA driver found in /proc, though nvidia-smi does not answer")
    return Build("cpu", "no NVIDIA driver found")


def pinned(name: str) -> str:
    """The version of a package in tools/constraints.txt."""
    for line in (ROOT / "tools" / "constraints.txt").read_text().splitlines():
        package, _, version = line.partition("==")
        if package.strip() == name:
            return version.strip()
    raise SetupError(f"tools/constraints.txt does not pin {name}; restore it from the repository.")


def pip_install(python: Path) -> list[str]:
    """The start of every pip command: pinned, and only errors unless somebody watches."""
    pip = [str(python), "-m", "pip", "install", "-c", str(ROOT / "tools" / "constraints.txt")]
    return pip if sys.stdout.isatty() else [*pip, "-qq"]


def install_torch(python: Path, build: Build) -> None:
    """Install the chosen build, so that the rest of the installation finds torch satisfied.

    On Linux the default torch of the package index is the CUDA one, gigabytes of it. Asking for the
    local version ``+cpu`` can never resolve to that. Elsewhere the default is the CPU build.
    """
    if build.kind == "none":
        say(f"no torch ({build.reason}): the bundled model runs, by OpenVINO or ONNX Runtime")
        return
    version = pinned("torch")
    say(f"torch {version}, {build.kind} build ({build.reason})")
    have = ask([python, "-c", "from importlib.metadata import version; print(version('torch'))"])
    if have and have.endswith("+cpu") != (build.kind == "cpu") and sys.platform == "linux":
        run([python, "-m", "pip", "uninstall", "-q", "-y", "torch"])
    pip = pip_install(python)
    if build.kind == "cpu" and sys.platform == "linux":
        quick = ["--retries", "1", "--timeout", "20", "--index-url", CPU_INDEX]
        if run([*pip, "--no-deps", *quick, f"torch=={version}+cpu"]):
            return
        say(
            f"the CPU build could not be fetched from {CPU_INDEX}; taking the default build of "
            "your package index (works too, but it may bring gigabytes of CUDA libraries)"
        )
    if not run([*pip, f"torch=={version}"]):
        raise SetupError(f"pip could not install torch {version}; its own message is above.")


def declared(python: Path, *extras: str) -> list[str]:
    """What pyproject.toml requires, with these extras, as pip takes it.

    Raises:
        SetupError: pyproject.toml cannot be read.
    """
    code = "import json, sys, tomllib; print(json.dumps(tomllib.load(open(sys.argv[1], 'rb'))))"
    text = ask([python, "-c", code, ROOT / "pyproject.toml"])  # this Python may have no tomllib
    if not text:
        raise SetupError("pyproject.toml cannot be read; restore it from the repository.")
    project = json.loads(text)["project"]
    return expanded([*project["dependencies"], f"{NAME}[{','.join(extras)}]"], project)


def expanded(requirements: Sequence[str], project: dict[str, Any]) -> list[str]:
    """The requirements, our own extras replaced by what they stand for; each once, in order."""
    found: dict[str, None] = {}
    for requirement in requirements:
        name, _, extras = requirement.partition("[")
        if name != NAME:
            found[requirement] = None
            continue
        for extra in extras.rstrip("]").split(","):
            for inner in expanded(project["optional-dependencies"][extra], project):
                found[inner] = None
    return list(found)


def install_rest(python: Path, *extras: str) -> None:
    """Install the package (editable) with everything pinned; the virtual camera may fail."""
    pip = pip_install(python)
    rest = [line for line in declared(python, *extras) if not line.startswith("mediapipe")]
    say("installing the app and its dependencies, a few minutes the first time")
    # check_packages has its own say about conflicts: pip's would name what is left out on purpose.
    steps: list[list[str | Path]] = [
        [*pip, "--no-warn-conflicts", *rest, *MEDIAPIPE_NEEDS, EDITABLE_NEEDS],
        [*pip, "--no-deps", f"mediapipe=={pinned('mediapipe')}"],
        [*pip, "--no-deps", "-e", ROOT],
    ]
    if not all(run(step) for step in steps):
        raise SetupError(
            "pip could not install the dependencies; its own message is above. Without a network, "
            "set PIP_FIND_LINKS to a folder of wheels."
        )
    if not run([*pip, "--no-warn-conflicts", "pyvirtualcam"]):
        say("pyvirtualcam could not be built: all but the virtual camera will work")


def check_packages(python: Path) -> None:
    """Say what ``pip check`` complains about, but for what is left out on purpose."""
    done = subprocess.run(
        [str(python), "-m", "pip", "check"], capture_output=True, text=True, timeout=120
    )
    complaints = done.stdout.splitlines() if done.returncode else []
    expected = [f"mediapipe {pinned('mediapipe')} requires {name}," for name in LEFT_OUT]
    for line in complaints:
        if not line.startswith(tuple(expected)):
            say(f"pip check: {line}")
    if any(line.startswith(tuple(expected)) for line in complaints):
        say(
            f"left out {', '.join(LEFT_OUT)}: mediapipe names them, its face mesh needs none "
            "(pip check will list them)"
        )


def check_imports(python: Path) -> None:
    """Load what needs system libraries, MediaPipe without what was left out, and the app.

    Raises:
        SetupError: one of them cannot be loaded.
    """
    face_mesh = "from avatar.mesh import face_mesh; face_mesh(True, 1).close()"
    for what, code in (
        ("OpenCV", "import cv2"),
        ("Qt", "import PyQt6.QtWidgets"),
        ("the app", "import avatar.cli"),
        ("MediaPipe", face_mesh),
    ):
        load = [str(python), "-P", "-c", code]  # -P: the app as installed, not this folder
        done = subprocess.run(load, capture_output=True, text=True)
        if done.returncode:
            why = (done.stderr.strip().splitlines() or ["no message"])[-1]
            names = missing_packages()
            raise SetupError(
                f"{what} cannot be loaded: {why}."
                + (f" Paste this and try again: {paste_line(names)}" if names else "")
            )


def report_gpu(python: Path) -> None:
    """Say whether the CUDA build of torch sees the GPU; if not, the driver is mostly too old."""
    code = "import torch; print(torch.cuda.get_device_name() if torch.cuda.is_available() else '')"
    name = ask([python, "-c", code], timeout_s=120)
    if name:
        say(f"torch sees the GPU: {name}")
    else:
        say("torch does not see the GPU; a newer NVIDIA driver may help. The app runs on the CPU")


# -- all of it ----------------------------------------------------------------------------------


def fingerprint() -> str:
    """What an installed environment depends on; the path too, since the install is editable."""
    digest = hashlib.sha256(str(ROOT).encode())
    for name in ("pyproject.toml", "tools/constraints.txt"):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def installed(stamp: Path) -> dict[str, Any]:
    """What the stamp says is installed; empty when there is none, or it is torn."""
    try:
        have = json.loads(stamp.read_text())
    except (OSError, ValueError):
        return {}
    return have if isinstance(have, dict) else {}


def up_to_date(stamp: Path, torch: str, dev: bool) -> bool:
    """Whether everything asked for is installed already; more may be."""
    have = installed(stamp)
    if not (stamp.parent / "bin" / "python").exists() or have.get("fingerprint") != fingerprint():
        return False
    if dev and have.get("dev") is not True:
        return False
    return torch in ("auto", "none", have.get("torch"))


def main(argv: Sequence[str] | None = None) -> int:
    """Set up .venv; returns the exit code."""
    parser = argparse.ArgumentParser(prog="tools/setup.py", description=__doc__)
    parser.add_argument("--dev", action="store_true", help="also what the tests and gates need")
    parser.add_argument(
        "--torch",
        choices=("auto", "cpu", "cuda", "none"),
        default="auto",
        help="which build; none is the light install (%(default)s)",
    )
    args = parser.parse_args(argv)
    venv = ROOT / ".venv"
    stamp = venv / "avatar-setup.json"
    if up_to_date(stamp, args.torch, args.dev):
        return 0
    before = installed(stamp)
    try:
        if os.name != "posix":
            raise SetupError("This is for Linux and macOS; the README has the lines for Windows.")
        if args.dev and args.torch == "none":
            raise SetupError("The tests need torch: leave LIGHT=1 out.")
        check_system()
        python = make_venv(venv)
        stamp.unlink(missing_ok=True)
        build = choose_build(args.torch, None if args.dev else before.get("torch"))
        install_torch(python, build)
        extras = ("dev",) if args.dev else ("cpu",) if build.kind == "none" else ("cpu", "torch")
        install_rest(python, *extras)
        check_packages(python)
        check_imports(python)
        if build.kind == "cuda":
            report_gpu(python)
    except SetupError as error:
        print(f"set-up: error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("set-up: stopped; the next run goes on from here", file=sys.stderr)
        return 130
    stamp.write_text(
        json.dumps({"fingerprint": fingerprint(), "torch": build.kind, "dev": args.dev}) + "\n"
    )
    say("done")
    return 0


if __name__ == "__main__":
    sys.exit(main())
