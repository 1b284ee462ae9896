"""Memory: what the window remembers from one run to the next. It reads and writes files; no Qt.

``settings.toml`` holds two tables: ``[look]``, and ``[run]``, what drives a session while no
profile is chosen. While one is, its own file takes the place of ``[run]``.

A run may start with other settings than the saved ones: those of the command line. Only what is
changed from that start on is saved (:func:`avatar.settings.records.merge`), so ``avatar run
--camera 1`` does not make 1 the user's camera, but choosing another in that window does.
"""

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from avatar.config import RunConfig
from avatar.errors import AvatarError
from avatar.settings.file import FILE, OF_ONE_RUN, Section, SettingsFile
from avatar.settings.profiles import PROFILES, RUN, Profiles
from avatar.settings.records import merge
from ui.look import Look

LOOK = "look"


class Memory:
    """Reads settings once and writes them as often as wanted.

    Args:
        folder: of ``settings.toml``; neither need exist.

    Attributes:
        problems: what was wrong with the files that were read.
        profiles: the profiles beside them.
    """

    def __init__(self, folder: Path) -> None:
        self.problems: list[AvatarError] = []
        self.profiles = Profiles(folder / PROFILES)
        self._lock = threading.Lock()
        self._settings = SettingsFile(
            folder / FILE, {RUN: Section(RunConfig(), OF_ONE_RUN), LOOK: Section(Look())}
        )
        self._profile = ""
        self._chosen = False  # in this run, not by the command line
        self._file: SettingsFile | None = None  # of the profile
        self._plain = self._saved = self._started = RunConfig()
        self._saved_look = self._started_look = Look()

    def open(
        self, over: Callable[[RunConfig], RunConfig] = lambda saved: saved, name: str | None = None
    ) -> tuple[RunConfig, Look]:
        """Read everything.

        Args:
            over: puts the command line's options over saved settings.
            name: of the profile for this run; None = the one chosen last.

        Returns:
            What the run shall start with.

        Raises:
            UsageError: no profile has this name, or the options contradict the settings.
        """
        loaded = self._settings.load()
        self.problems += loaded.problems
        self._plain = self._saved = loaded.values[RUN]
        self._saved_look = look = loaded.values[LOOK]
        if name is None:
            try:
                self._use(look.profile)
            except AvatarError as error:
                self.problems.append(error)
                look = replace(look, profile="")
        else:
            self._use(name)
            look = replace(look, profile=self._profile)
        self._started_look = look
        self._started = over(self._saved)
        return self._started, look

    def save(self, config: RunConfig, look: Look) -> None:
        """Write what has changed since the run started; any thread may call.

        Raises:
            SettingsError: the file is one of a newer version, or could not be read.
            OutputError: it cannot be written.
        """
        with self._lock:
            self._save(config, look)

    def switch(self, name: str) -> tuple[RunConfig, Look]:
        """Go over to a profile, "" for none, for this run and the next.

        Returns:
            Its settings, and the look with its name.

        Raises:
            UsageError: there is none of this name; the one in use stays.
            SettingsError, OutputError: the choice cannot be saved.
        """
        with self._lock:
            self._use(name)
            self._started = self._saved
            self._keep_choice()
            return self._started, self._started_look

    def reset(self) -> tuple[RunConfig, Look]:
        """Forget everything but the profiles, and use none of them.

        Raises:
            SettingsError, OutputError: that cannot be saved.
        """
        with self._lock:
            self._plain = RunConfig()
            self._use("")
            self._started = self._saved
            self._saved_look = self._started_look = Look()
            self._keep_choice()
            return self._started, self._started_look

    def add(self, name: str, config: RunConfig) -> str:
        """Save settings as a profile and go over to it; its name, tidied.

        Raises:
            UsageError: it cannot be a name, or is taken.
            SettingsError, OutputError: it cannot be saved.
        """
        with self._lock:
            name = self.profiles.add(name, config)
            self._use(name)
            self._saved = self._started = config
            self._keep_choice()
            return name

    def rename(self, old: str, new: str) -> str:
        """Rename a profile, the one in use or another; its name, tidied.

        Raises:
            UsageError: no such profile, or a name that cannot be or is taken.
            SettingsError, OutputError: the folder or the choice cannot be saved.
        """
        with self._lock:
            active = bool(self._profile) and self.profiles.find(old) == self._profile
            new = self.profiles.rename(old, new)
            if active:
                saved, started = self._saved, self._started
                self._use(new)
                self._saved, self._started = saved, started
                self._keep_choice()
            return new

    def _save(self, config: RunConfig, look: Look) -> None:
        run = merge(self._saved, self._started, config)
        kept_look = merge(self._saved_look, self._started_look, look)
        if self._chosen:
            kept_look = replace(kept_look, profile=self._profile)
        if self._file is None:
            self._plain = run
        else:
            self._file.save({RUN: run})
        self._settings.save({RUN: self._plain, LOOK: kept_look})
        self._saved, self._started = run, config
        self._saved_look, self._started_look = kept_look, look

    def _keep_choice(self) -> None:
        """From now on the profile in use is also the one that the next run begins with."""
        self._chosen = True
        self._saved_look = replace(self._saved_look, profile=self._profile)
        self._started_look = replace(self._started_look, profile=self._profile)
        self._settings.save({RUN: self._plain, LOOK: self._saved_look})

    def _use(self, name: str) -> None:
        """Read and write the settings of a session in this profile's file from now on."""
        if not name:
            self._profile, self._file, self._saved = "", None, self._plain
            return
        name = self.profiles.find(name)
        file = self.profiles.file(name)
        loaded = file.load()
        self.problems += loaded.problems
        self._profile, self._file, self._saved = name, file, loaded.values[RUN]
