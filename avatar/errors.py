"""The error tree.

Every error says what was got, what was expected and what to do::

    AvatarError                 base; .hint tells what to do, .exit_code what the command returns
    |-- UsageError              options that contradict each other or make no sense
    |-- InputError              a picture, video or folder that cannot be used as it is
    |   `-- NoFaceError         a readable picture without a face
    |-- OutputError             a result that cannot be written
    |-- SettingsError           settings or a profile that cannot be read, or are kept as they are
    |-- WeightsError            weights missing, damaged, of another architecture, or unsafe to load
    |-- SourceError             a camera or video that cannot be opened
    |   |-- SourceLost          it was open and stopped giving frames
    |   `-- SourceRefused       a camera that is there and may not, or cannot, be used
    |-- SinkError               a virtual camera or recording that cannot be opened
    |   `-- SinkLost            it was open and stopped taking frames
    |-- EngineError             an engine that cannot run here, or failed while running
    `-- Cancelled               the user stopped it

Third-party exceptions are mapped to these at the port that called the library.
"""

REPORT = "Report it with the newest file of the log folder, which avatar doctor names."
"""What to do about an error that nobody foresaw."""


class AvatarError(Exception):
    """Base of every error shown to a user.

    ``message`` says what was got and what was expected, ``hint`` what to do.
    """

    exit_code = 2

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class UsageError(AvatarError):
    """Options that contradict each other or make no sense."""


class InputError(AvatarError):
    """A picture, video or folder that cannot be used as it is."""


class NoFaceError(InputError):
    """A readable picture in which no face was found."""


class OutputError(AvatarError):
    """A result that cannot be written where it was asked for."""


class SettingsError(AvatarError):
    """Settings or a profile that cannot be read as they are, or must not be written."""


class WeightsError(AvatarError):
    """Weights that are missing, damaged, of another architecture, or unsafe to load."""


class SourceError(AvatarError):
    """A camera or video that cannot be opened."""


class SourceLost(SourceError):
    """A source that was open and stopped giving frames."""


class SourceRefused(SourceError):
    """A camera that is there and may not, or cannot, be used.

    Attributes:
        cause: "busy", "forbidden", "silent" (opened, but no picture) or "unknown".
        settings: address of the page of the system's settings that allows it; may be empty.
    """

    def __init__(
        self, message: str, *, hint: str = "", cause: str = "unknown", settings: str = ""
    ) -> None:
        super().__init__(message, hint=hint)
        self.cause = cause
        self.settings = settings


class SinkError(AvatarError):
    """A virtual camera or recording that cannot be opened."""


class SinkLost(SinkError):
    """A sink that was open and stopped taking frames."""


class EngineError(AvatarError):
    """An engine that cannot run here, or failed while running."""

    exit_code = 1


class Cancelled(AvatarError):
    """The user stopped the work before it was done."""

    exit_code = 130
