"""Announcer: what happened, as banners with what can be done about it."""

from pathlib import Path

from PyQt6.QtCore import QObject

from avatar.pose.drift import Drifted
from ui.banner import Banners
from ui.calibration.match_words import drift_words
from ui.controller import Controller
from ui.file_dialogs import show_folder
from ui.problem import Problem


class Announcer(QObject):
    """Hears the controller and shows banners.

    Args:
        controller: says what happened.
        banners: show it.
    """

    def __init__(self, controller: Controller, banners: Banners) -> None:
        super().__init__(banners)
        self._controller = controller
        self._banners = banners
        controller.problem.connect(self.show_problem)
        controller.snapshots.saved.connect(self._tell_snapshot)
        controller.outputs.recording_saved.connect(self._tell_saved)
        controller.calibration.drifted.connect(self._offer_calibration)
        controller.safety.raw_asked.connect(self._ask_raw)

    def show_problem(self, problem: Problem) -> None:
        banner = self._banners.show_message(problem.kind, problem.message, problem.hint)
        for remedy in (*reversed(problem.others), *([problem.remedy] if problem.remedy else [])):
            banner.offer(*remedy)  # each to the left of the one before
        if problem.about == "source":
            self._controller.sources.settled.connect(banner.close_banner)

    def _tell_saved(self, path: Path) -> None:
        banner = self._banners.show_message("info", self.tr("Recording saved"), str(path))
        banner.offer(self.tr("Open folder"), lambda: show_folder(path))

    def _tell_snapshot(self, path: Path) -> None:
        banner = self._banners.show_message("info", self.tr("Snapshot saved"), str(path))
        banner.offer(self.tr("Open folder"), lambda: show_folder(path))

    def _offer_calibration(self, drifted: Drifted) -> None:
        calibration = self._controller.calibration
        hint = self.tr("Sit as you will stay, look as the portrait does, then calibrate.")
        banner = self._banners.show_message("info", drift_words(drifted), hint)
        banner.offer(self.tr("Calibrate"), calibration.calibrate)
        banner.dismiss.clicked.connect(calibration.dismiss_drift)

    def _ask_raw(self, asked: object) -> None:
        banner = self._banners.show_message(
            "warning",
            self.tr("Show your own face instead of the portrait?"),
            self.tr("Every output then gets your camera's picture. 0 or B ends it."),
        )
        self._controller.safety.raw_settled.connect(banner.close_banner)
        banner.offer(self.tr("Show my camera"), lambda: self._controller.safety.confirm_raw(asked))
