"""Training as the papers do it: one recipe, one folder, killed and gone on with at any moment.

    python -m tools.train RECIPE --data FOLDER --out RUN
    python -m tools.train export RUN [--out FILE.safetensors]
    python -m tools.train curves RUN... --out FILE.png
    torchrun --nproc-per-node 8 -m -- tools.train RECIPE --data FOLDER --out RUN

RECIPE is a TOML file or the name of one in tools/training/configs. The same command goes on from
the run's last checkpoint.
"""

import argparse
import importlib
import logging
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from avatar.errors import AvatarError, InputError, OutputError, UsageError

if TYPE_CHECKING:
    from torch import Tensor

    from tools.training.distributed import Team
    from tools.training.recipe import Recipe

STAGES = {
    "depth": "tools.training.depth.stage:build",
    "reenact": "tools.training.reenact.stage:build",
    "detector": "tools.training.detector.stage:build",
    "fake": "tools.training.fake:build",
}
"""What builds each stage: ``build(recipe, data folder, start tensors or None) -> Stage``."""

EPILOG = (
    "To write the app's weights file: python -m tools.train export RUN; to draw how runs went: "
    "python -m tools.train curves RUN... (see export --help, curves --help)."
)

log = logging.getLogger(__name__)


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in the same two lines as every other error."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message[:1].upper()}{message[1:]}.", hint=f"See {self.prog} --help.")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m tools.train", description=(__doc__ or "").splitlines()[0], epilog=EPILOG
    )
    parser.add_argument("recipe", help="a TOML file, or the name of one in tools/training/configs")
    parser.add_argument("--data", type=Path, required=True, metavar="FOLDER", help="the footage")
    parser.add_argument("--out", type=Path, required=True, metavar="RUN", help="the run's folder")
    parser.add_argument(
        "--start",
        type=Path,
        metavar="FILE",
        help="weights to begin with where they fit: another run's folder, or a .safetensors",
    )
    limit = parser.add_mutually_exclusive_group()
    limit.add_argument(
        "--steps", type=_positive(int), metavar="N", help="at most N steps now; then save"
    )
    limit.add_argument(
        "--minutes", type=_positive(float), metavar="M", help="at most M minutes now; then save"
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        dest="settings",
        metavar="KEY=VALUE",
        help="override a value of the recipe, like loss.perceptual=5; again for more",
    )
    parser.add_argument(
        "--fresh",
        action="store_true",
        help="begin anew; what the folder holds is moved into earlier-N in it",
    )
    parser.add_argument(
        "--device", choices=("auto", "cpu", "cuda"), default="auto", help="default: %(default)s"
    )
    return parser


def _positive(kind: type[int] | type[float]) -> Callable[[str], int | float]:
    def number(text: str) -> int | float:
        value = kind(text)
        if not 0 < value < float("inf"):
            raise argparse.ArgumentTypeError(f"{text} is not above 0")
        return value

    number.__name__ = "number"
    return number


def main(argv: Sequence[str] | None = None) -> int:
    """Train, export or draw; the exit code: 0 done, 1 failed, 2 refused, 130, 143 interrupted."""
    argv = sys.argv[1:] if argv is None else list(argv)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    try:
        if argv[:1] == ["export"]:
            from tools.training.exporter import export

            return export(argv[1:])
        if argv[:1] == ["curves"]:
            from tools.training.curves import curves

            return curves(argv[1:])
        return train(_parser().parse_args(argv))
    except AvatarError as error:
        print(f"error: {error.message}", file=sys.stderr)
        if error.hint:
            print(f"  what to do: {error.hint}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("stopped before the first step", file=sys.stderr)
        return 130


def train(args: argparse.Namespace) -> int:
    """Train what the options say; the exit code.

    Raises:
        AvatarError: whatever a user can do wrong; see :class:`tools.training.trainer.Trainer`.
    """
    from tools.training import recipe as recipes

    recipe = recipes.load(args.recipe, args.settings)
    if recipe.stage not in STAGES:
        raise UsageError(
            f"{args.recipe}: stage is {recipe.stage!r}, expected one of {', '.join(STAGES)}.",
            hint="Change stage at the top of the recipe.",
        )
    if not args.data.is_dir():
        raise InputError(
            f"--data {args.data} is not a folder.", hint="Name the folder with the clips."
        )
    from tools.training.distributed import join

    with join(args.device) as team:
        if not team.first:
            logging.getLogger().setLevel(logging.ERROR)
        return _train(args, recipe, team)


def _train(args: argparse.Namespace, recipe: "Recipe", team: "Team") -> int:
    import torch

    from tools.training import checkpoint
    from tools.training.trainer import Trainer, told

    began = time.monotonic()
    torch.set_flush_denormal(True)  # vanishing averages would otherwise slow a CPU down
    torch.backends.cudnn.benchmark = True
    if team.first:
        prepare(args.out, fresh=args.fresh)
    with team.guard():
        team.highest(0)  # nobody looks into the folder before it is ready
    resuming = checkpoint.exists(args.out)
    if resuming:
        # Before anything expensive: another recipe's run is refused in a second.
        checkpoint.check_recipe(checkpoint.load(args.out), recipe, args.out)
    start = None
    if args.start is not None and resuming:
        log.info("--start %s is not used: %s has a checkpoint of its own", args.start, args.out)
    elif args.start is not None:
        start = start_tensors(args.start)
    torch.manual_seed(recipe.run.seed)
    module, _, name = STAGES[recipe.stage].partition(":")
    stage = getattr(importlib.import_module(module), name)(recipe, args.data, start)
    trainer = Trainer(stage, recipe, args.out, team)
    if trainer.resume():
        if team.first:
            print(_going_on(args.out, trainer.step, trainer.rates.steps, trainer.losses))
            if recipe.schedule.decay == "cosine" and _grown(args.out, recipe):
                log.warning("schedule.steps has grown: the cosine is another one from here on")
    elif team.first:
        print(f"{args.out}: a new run of {trainer.rates.steps} steps on {team.device}")
    if team.first:
        _write_recipe(args.out, recipe)
    finished = trainer.train(args.steps, args.minutes)
    if team.first:
        print(told(finished, time.monotonic() - began))
        if finished.step < finished.steps:
            print("The same command goes on from there.")
        else:
            print(f"To use it: python -m tools.train export {args.out}")
    return finished.exit_code


def prepare(folder: Path, *, fresh: bool) -> None:
    """Make a run's folder, or clear the one that is there for a fresh run by moving what it holds
    into ``earlier-1`` (or 2, 3, ...) inside it.

    Raises:
        OutputError: it cannot be made, written or cleared.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        held = [each for each in folder.iterdir() if not each.name.startswith("earlier-")]
        if fresh and held:
            number = 1
            while (folder / f"earlier-{number}").exists():
                number += 1
            aside = folder / f"earlier-{number}"
            aside.mkdir()
            for each in held:
                each.rename(aside / each.name)
    except OSError as error:
        raise OutputError(
            f"--out {folder} cannot be used: {error.strerror or error}.",
            hint="Name a folder that you may write to.",
        ) from error


def start_tensors(path: Path) -> Mapping[str, "Tensor"]:
    """Tensors by the names of ``Dagan``: of a run's folder, or of a weights file.

    Raises:
        WeightsError: it is neither, or damaged.
    """
    if path.is_dir():
        from tools.training import checkpoint

        return checkpoint.load(path).trained.state
    from avatar import weights

    return weights.load(str(path)).tensors


def _write_recipe(folder: Path, recipe: "Recipe") -> None:
    try:
        (folder / "recipe.toml").write_text(recipe.text(), encoding="utf-8")
    except OSError as error:
        raise OutputError(
            f"{folder / 'recipe.toml'} cannot be written: {error.strerror or error}.",
            hint=f"Free some space in {folder} or make it writable.",
        ) from error


def _grown(folder: Path, recipe: "Recipe") -> bool:
    from tools.training import checkpoint
    from tools.training.recipe import parse

    before = parse(checkpoint.load(folder).recipe, recipe.name).schedule
    return before != recipe.schedule


def _going_on(folder: Path, step: int, steps: int, losses: Mapping[str, Any]) -> str:
    listed = ", ".join(f"{name} {value:.4g}" for name, value in losses.items())
    return f"{folder}: going on at step {step} of {steps}; the last had {listed}"


if __name__ == "__main__":
    sys.exit(main())
