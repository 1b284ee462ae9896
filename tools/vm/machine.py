"""Machine: the guest run by qemu, its console in a file, until it switches itself off."""

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

from avatar.errors import AvatarError
from tools.vm.image import Image

EMULATED = ("tcg,thread=multi", "-smp", "2")
"""Software emulation, a host thread for each of the guest's processors; time is the host's."""

STEADY = ("tcg,thread=single", "-icount", "shift=0", "-smp", "1")
"""Software emulation in which the guest's time is that of its own instructions, a nanosecond each:
a processor of one gigahertz, however busy the host is. Without it a loaded host takes so much time
away that nothing in the guest can keep its pace, and the app's own time limits pass. One processor:
the kernel does not get past waiting for a second that runs by turns with the first."""

_LOOK_S = 0.5


@dataclass(frozen=True)
class Machine:
    """How a guest is run.

    Attributes:
        image: what it starts from; it is never written to.
        project: folder that the guest mounts read-only.
        results: folder that it writes to.
        words: for the guest's program, by way of the kernel's command line; no spaces in them.
        memory_mb: of the guest.
        accelerator: qemu's, with its options: STEADY, EMULATED, or a developer's own choice.
    """

    image: Image
    project: Path
    results: Path
    words: tuple[str, ...] = ()
    memory_mb: int = 3072
    accelerator: tuple[str, ...] = STEADY

    @property
    def console(self) -> Path:
        """What the kernel and the guest's programs print."""
        return self.results / "console.log"

    def command(self) -> list[str]:
        """For qemu: no network, no screen, nothing that stays."""
        kernel_words = " ".join(
            (
                "root=/dev/vda rw console=ttyS0 loglevel=4 panic=-1 init=/opt/vm/init",
                "mitigations=off",  # of processors that are not there; emulated they cost most
                *(f"vm.{word}" for word in self.words),
            )
        )
        return [
            "qemu-system-x86_64",
            *("-accel", *self.accelerator),
            *("-cpu", "max", "-m", str(self.memory_mb)),
            *("-nodefaults", "-no-user-config", "-display", "none", "-no-reboot", "-nic", "none"),
            *("-kernel", str(self.image.kernel), "-initrd", str(self.image.initrd)),
            *("-append", kernel_words),
            *("-drive", f"file={self.image.disk},format=raw,if=virtio,snapshot=on"),
            *("-virtfs", _shared(self.project, "project") + ",readonly=on"),
            *("-virtfs", _shared(self.results, "results")),
            *("-device", "virtio-rng-pci"),
            *("-serial", f"file:{self.console}"),
        ]

    def run(self, limit_s: float, tell: Callable[[str], None]) -> float:
        """Start it and wait until it is off; every new line of its console is told.

        Returns:
            Seconds it ran.

        Raises:
            AvatarError: it could not be started, crashed, or did not end in time; it is ended then.
        """
        self.results.mkdir(parents=True, exist_ok=True)
        self.console.write_text("")
        began = monotonic()
        process = subprocess.Popen(["nice", "-n", "10", *self.command()], stdin=subprocess.DEVNULL)
        try:
            with self.console.open(errors="replace") as console:
                while process.poll() is None and monotonic() - began < limit_s:
                    for line in console:
                        tell(line.rstrip())
                    sleep(_LOOK_S)
                for line in console:
                    tell(line.rstrip())
            took_s = monotonic() - began
            if process.poll() is None:
                raise AvatarError(
                    f"The guest did not end within {limit_s:.0f} s.",
                    hint=f"{self.console} says how far it came; --limit gives it more time.",
                )
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()
        if process.returncode:
            raise AvatarError(
                f"qemu ended with {process.returncode} after {took_s:.0f} s.",
                hint=f"Its own message is above; the guest's are in {self.console}.",
            )
        return took_s


def _shared(folder: Path, tag: str) -> str:
    path = str(folder).replace(",", ",,")
    return f"local,path={path},mount_tag={tag},security_model=none,multidevs=remap"
