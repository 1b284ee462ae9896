from dataclasses import replace
from pathlib import Path

import pytest

from avatar.errors import AvatarError
from tools.vm import machine
from tools.vm.image import Image
from tools.vm.machine import EMULATED, STEADY, Machine


@pytest.fixture
def made(tmp_path):
    return Machine(Image(Path("/kept/ab")), Path("/tmp/a,b"), tmp_path, ("cadence", "lost"))


def test_the_command_starts_the_kernel_with_the_proofs_named(made):
    command = made.command()
    assert command[command.index("-kernel") + 1] == "/kept/ab/vmlinuz"
    assert command[command.index("-accel") + 1 :][: len(STEADY)] == list(STEADY)
    words = command[command.index("-append") + 1].split()
    assert {"root=/dev/vda", "vm.cadence", "vm.lost"} <= set(words)


def test_the_image_is_never_written_to_and_there_is_no_network(made):
    command = made.command()
    assert "file=/kept/ab/guest.ext4,format=raw,if=virtio,snapshot=on" in command
    assert command[command.index("-nic") + 1] == "none"


def test_commas_in_folders_are_doubled_for_qemu(made):
    assert any("path=/tmp/a,,b," in word and "readonly=on" in word for word in made.command())


def run_instead(monkeypatch, made, script):
    """Have a shell run ``script`` in qemu's place; its output goes to the console."""
    line = f"exec >{made.console}; {script}"
    monkeypatch.setattr(Machine, "command", lambda self: ["sh", "-c", line])
    monkeypatch.setattr(machine, "_LOOK_S", 0.01)


def test_every_line_of_the_console_is_told(monkeypatch, made):
    run_instead(monkeypatch, made, "echo one; sleep 0.05; echo two")
    told = []
    assert made.run(10, told.append) > 0
    assert told == ["one", "two"]


def test_a_guest_that_does_not_end_is_ended(monkeypatch, made):
    run_instead(monkeypatch, made, "exec sleep 60")
    with pytest.raises(AvatarError, match="did not end within 0 s") as caught:
        made.run(0.05, print)
    assert "console.log" in caught.value.hint


def test_a_qemu_that_fails_is_an_error(monkeypatch, made):
    run_instead(monkeypatch, made, "exit 3")
    with pytest.raises(AvatarError, match="ended with 3"):
        made.run(10, print)


def test_the_time_may_be_the_hosts(made):
    command = replace(made, accelerator=EMULATED).command()
    assert "tcg,thread=multi" in command and "-icount" not in command
