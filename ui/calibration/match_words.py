"""Words for a match and for what came of it, in the user's language."""

from PyQt6.QtCore import QCoreApplication

from avatar.pose.drift import Drifted
from avatar.pose.match import FAIR, GOOD, Hint
from avatar.pose.reference import Choice


def hint_words(hint: Hint) -> str:
    """What the driver can do."""
    return {
        Hint.NONE: _tr("Press X to take this pose as neutral"),
        Hint.TURN_LEFT: _tr("Turn a little to your left"),
        Hint.TURN_RIGHT: _tr("Turn a little to your right"),
        Hint.LOOK_UP: _tr("Raise your chin a little"),
        Hint.LOOK_DOWN: _tr("Lower your chin a little"),
        Hint.TILT_LEFT: _tr("Tilt your head a little to your left"),
        Hint.TILT_RIGHT: _tr("Tilt your head a little to your right"),
        Hint.CLOSER: _tr("Come closer"),
        Hint.BACK: _tr("Move back a little"),
        Hint.OPEN_EYES: _tr("Open your eyes"),
        Hint.CLOSE_EYES: _tr("Close your eyes a little"),
        Hint.OPEN_MOUTH: _tr("Open your mouth a little"),
        Hint.CLOSE_MOUTH: _tr("Close your mouth"),
        Hint.LIGHT_LEFT: _tr("More light from your left"),
        Hint.LIGHT_RIGHT: _tr("More light from your right"),
        Hint.MORE_LIGHT: _tr("More light on your face"),
        Hint.LESS_LIGHT: _tr("Less light on your face"),
        Hint.SOFTER_LIGHT: _tr("Softer light, less from one spot"),
    }[hint]


def score_words(score: float) -> str:
    """A score as a word, beside its number and colour."""
    if score >= GOOD:
        return _tr("Good match")
    return _tr("Fair match") if score >= FAIR else _tr("Poor match")


def taken_words(score: float | None) -> str:
    """X was pressed and a face taken; ``score``: how well it matches, None = not known."""
    if score is None:
        return _tr("Calibrated: this is the neutral pose now")
    words = _tr("Calibrated: this is the neutral pose now (match {score} of 100)")
    return words.format(score=round(score))


def found_words(choice: Choice) -> str:
    """F was pressed and the best face of some taken, with advice where that is a poor one."""
    score, hint = choice.match.score, choice.match.hint
    words = _tr("Neutral: best of {count} pictures, match {score} of 100")
    text = words.format(count=choice.seen, score=round(score))
    if score < FAIR and hint is not Hint.NONE:
        text = _tr("{found}. {hint}, then F again").format(found=text, hint=hint_words(hint))
    return text


def drift_words(drifted: Drifted) -> str:
    """What has changed since the neutral pose was taken."""
    if drifted.worst in ("x", "y"):
        return _tr("You sit elsewhere than when the neutral pose was taken")
    if drifted.worst == "size":
        return _tr("You sit nearer or further than when the neutral pose was taken")
    return _tr("You look another way than when the neutral pose was taken")


def _tr(text: str) -> str:
    return QCoreApplication.translate("MatchWords", text)
