"""Proof 4: ``avatar doctor`` and ``avatar cameras`` find the devices and pass them."""

import json
from typing import Any

from avatar.assets import asset
from tools.vm.guest.drivers import WEBCAM, load_loopback, load_vivid
from tools.vm.guest.program import AVATAR as APP
from tools.vm.guest.program import Program
from tools.vm.guest.record import Record
from tools.vm.guest.webcam import Webcam, decoded

LIMIT_S = 600


def prove(record: Record) -> None:
    """A webcam that is fed, a free virtual camera, and the kernel's own test camera."""
    load_loopback()
    load_vivid()
    webcam = Webcam(WEBCAM, decoded(asset("driving.mp4"))[:30], record.folder)
    try:
        listed = Program([APP, "cameras"], record.folder, "cameras")
        code = listed.ended()
        lines = listed.out.read_text().splitlines()
        record.claim(
            "avatar cameras lists the fed webcam and the kernel's camera, not the free output",
            code == 0
            and any("Loopback Webcam" in line and "(virtual)" in line for line in lines)
            and any("vivid" in line for line in lines)
            and not any("Avatar Camera" in line for line in lines),
            lines=lines,
        )
        command = [APP, "doctor", "--json", "--timeout", str(LIMIT_S)]
        checks = ("cameras", "virtual_camera")
        doctor = Program(
            [*command, *(word for check in checks for word in ("--only", check))],
            record.folder,
            "doctor",
        )
        code = doctor.ended(LIMIT_S + 60)
        report = json.loads(doctor.out.read_text().splitlines()[-1])
        findings = list(_findings(report))
        record.claim(
            "avatar doctor: the camera and the virtual camera are ok",
            bool(findings)
            and all(status in ("ok", "skipped") for _, status, _ in findings)
            and any(name == "virtual camera" and status == "ok" for name, status, _ in findings)
            and any(name.startswith("camera ") and status == "ok" for name, status, _ in findings),
            code=code,
            findings=[" ".join(finding) for finding in findings],
        )
    finally:
        webcam.stop()


def _findings(report: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(found["name"], found["status"], found["found"]) for found in report["findings"]]
