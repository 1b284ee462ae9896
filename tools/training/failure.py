"""What ends a training."""

from avatar.errors import AvatarError


class TrainingFailed(AvatarError):
    """The training cannot go on; its last checkpoint stands."""

    exit_code = 1
