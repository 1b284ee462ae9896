"""A recipe: one experiment, read from TOML.

``extends`` names another recipe that this one changes, and ``--set`` changes single values. What
every stage has (model, optimiser, schedule, run) is read here; ``data`` and ``loss`` stay tables
that the stage reads into its own dataclasses with :func:`read_table`.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from avatar.errors import UsageError
from avatar.model.params import PRESETS, ModelParams
from tools.training.settings import Optimiser, Run, Schedule
from tools.training.table import Table, flat, nearest, read_table, to_toml

__all__ = ["Optimiser", "Recipe", "Run", "Schedule", "load", "parse", "read_table"]

CONFIGS = Path(__file__).parent / "configs"
TABLES = ("model", "data", "optimiser", "schedule", "loss", "run")
HARMLESS = {
    *("run.workers", "run.report_every", "run.checkpoint_every", "run.checkpoint_minutes"),
    *("run.validate_every", "run.show_every", "data.cache_folder"),
}
"""Keys that leave the weights of a run as they would have been."""
LONGER = {"schedule.steps", "schedule.epochs"}
"""Keys that may grow."""


@dataclass(frozen=True)
class Recipe:
    """One experiment.

    Attributes:
        name: the file's, without its ending.
        stage: "depth", "detector", "reenact"; who knows which there are is ``tools.train``.
        model: the networks that are trained.
        data: ``[data]``, for the stage to read.
        loss: ``[loss]``, for the stage to read.
        schedule: how long, and how the rate changes.
        run: batch, seed, precision and so on.
        table: all of it as it was written, extended and set.
    """

    name: str
    stage: str
    model: ModelParams
    data: Table
    loss: Table
    schedule: Schedule
    run: Run
    table: Table

    def optimiser(self, label: str) -> Optimiser:
        """The optimiser of a phase: ``[optimiser]``, overridden by ``[optimiser.LABEL]``; clip is
        filled in."""
        common, phases = _split(self.table.get("optimiser", Table()))
        own = phases.get(label)
        if own is not None:
            for key, value in own.items():
                inner = {key: value}
                common.merge(inner, "" if isinstance(value, Mapping) else own.origins[key])
        settings = read_table(Optimiser, common, f"[optimiser{f'.{label}' if own else ''}]")
        return replace(settings, clip=self.run.clip if settings.clip is None else settings.clip)

    def check_phases(self, labels: Sequence[str]) -> None:
        """Refuse optimisers of phases that the stage does not have.

        Raises:
            UsageError: ``[optimiser.X]`` without a phase X.
        """
        for name in _split(self.table.get("optimiser", Table()))[1]:
            if name not in labels:
                near = nearest(name, list(labels))
                raise UsageError(
                    f"{self.name}: [optimiser.{name}] is for no phase of stage {self.stage!r}, "
                    f"whose phases are {', '.join(labels)}.",
                    hint=f"Did you mean {near}?" if near else "Remove it.",
                )

    def text(self) -> str:
        """The recipe as TOML that extends nothing: reading it gives the same recipe."""
        return to_toml(self.table)

    def differences(self, other: "Recipe") -> dict[str, tuple[Any, Any]]:
        """Where this recipe would train otherwise than ``other``, which began: by dotted key, the
        other's value and this one's. Values left at their defaults count as written, except in
        ``data`` and ``loss``, whose defaults the stage knows."""
        mine, theirs = self._values(), other._values()
        found = {}
        for key in sorted(mine.keys() | theirs.keys()):
            before, now = theirs.get(key), mine.get(key)
            if before == now or key in HARMLESS:
                continue
            if key in LONGER and now and before and now > before:
                continue
            found[key] = (before, now)
        return found

    def _values(self) -> dict[str, Any]:
        common, phases = _split(self.table.get("optimiser", Table()))
        optimisers = {"": read_table(Optimiser, common, "[optimiser]")}
        optimisers |= {label: self.optimiser(label) for label in phases}
        values = {
            "model": asdict(self.model),
            "data": self.data,
            "loss": self.loss,
            "schedule": asdict(self.schedule),
            "run": asdict(self.run),
            "optimiser": {k or "default": asdict(v) for k, v in optimisers.items()},
        }
        return {"stage": self.stage, **flat(values)}


def load(path: str | Path, settings: Sequence[str] = ()) -> Recipe:
    """Read a recipe.

    Args:
        path: a TOML file, or the name of one in ``tools/training/configs``.
        settings: "loss.perceptual=5", each overriding one value.

    Raises:
        UsageError: it is missing, no TOML, or does not describe an experiment.
    """
    found = _find(Path(path), None)
    table = _read(found, ())
    for setting in settings:
        _set(table, setting)
    return _recipe(found.stem, table)


def parse(text: str, name: str) -> Recipe:
    """A recipe from what :meth:`Recipe.text` gave.

    Raises:
        UsageError: as :func:`load`.
    """
    return _recipe(name, Table(_toml(text, name), name))


def _recipe(name: str, table: Table) -> Recipe:
    for key, value in table.items():
        known = ("stage", *TABLES)
        if key not in known:
            near = nearest(key, list(known))
            raise UsageError(
                f"{table.origins.get(key) or name}: unknown key {key!r}, expected one of "
                f"{', '.join(known)}.",
                hint=f"Did you mean {near}?" if near else "Remove it.",
            )
        if key in TABLES and not isinstance(value, Table):
            raise UsageError(
                f"{table.origins.get(key) or name}: {key} is {value!r}, expected a table [{key}].",
                hint=f"Write [{key}] in a line of its own, its values below.",
            )
    stage = table.get("stage")
    if not isinstance(stage, str) or not stage:
        raise UsageError(
            f"{name}: stage is {stage!r}, expected the name of a stage in quotes.",
            hint='Add stage = "reenact", for example, at the top.',
        )
    part = {key: table.get(key, Table()) for key in TABLES}
    read_table(Optimiser, _split(part["optimiser"])[0], "[optimiser]")
    recipe = Recipe(
        name=name,
        stage=stage,
        model=_model(part["model"]),
        data=part["data"],
        loss=part["loss"],
        schedule=read_table(Schedule, part["schedule"], "[schedule]"),
        run=read_table(Run, part["run"], "[run]"),
        table=table,
    )
    for label in _split(part["optimiser"])[1]:
        recipe.optimiser(label)
    return recipe


def _model(table: Table) -> ModelParams:
    """``preset`` with the other keys in its place; a preset is compulsory."""
    preset = table.get("preset")
    if not isinstance(preset, str) or preset not in PRESETS:
        origin = table.origins.get("preset", "")
        near = nearest(preset, PRESETS) if isinstance(preset, str) else ""
        raise UsageError(
            f"{f'{origin}, ' if origin else ''}[model]: preset is {preset!r}, expected one of "
            f"{', '.join(PRESETS)}.",
            hint=f"Did you mean {near}?" if near else 'Write preset = "vox256", for example.',
        )
    whole = Table(asdict(PRESETS[preset]))
    for key, value in table.items():
        if key != "preset":
            whole[key] = value
            whole.origins[key] = table.origins.get(key, "")
    return read_table(ModelParams, whole, "[model]")


def _split(table: Table) -> tuple[Table, dict[str, Table]]:
    """``[optimiser]`` itself, and the tables of phases inside it."""
    common, phases = Table(), {}
    for key, value in table.items():
        if isinstance(value, Table) and key != "scales":
            phases[key] = value
        else:
            common.merge({key: value}, table.origins.get(key, ""))
    return common, phases


def _find(path: Path, beside: Path | None) -> Path:
    """The file of a recipe by path, by name beside another one, or by name among ours."""
    places = [beside / path] if beside else [path]
    places += [CONFIGS / path, CONFIGS / f"{path}.toml"]
    try:
        for place in places:
            if place.is_file():
                return place
    except (OSError, ValueError):  # too long, or with a zero byte
        pass
    ours = sorted(each.stem for each in CONFIGS.glob("*.toml"))
    near = nearest(path.stem, ours)
    raise UsageError(
        f"There is no recipe {path}.",
        hint=f"Did you mean {near}?" if near else f"Name a TOML file, or one of {', '.join(ours)}.",
    )


def _read(path: Path, chain: tuple[Path, ...]) -> Table:
    """A recipe's table with what it extends below it."""
    if path in chain:
        names = " -> ".join(each.name for each in (*chain, path))
        raise UsageError(f"Recipes extend each other in a circle: {names}.", hint="Break it.")
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}.", hint="Check the file.") from error
    values = _toml(text, str(path))
    base = values.pop("extends", None)
    if base is None:
        return Table(values, path.name)
    if not isinstance(base, str) or not base:
        raise UsageError(
            f"{path}: extends is {base!r}, expected the name of a recipe in quotes.",
            hint='Write extends = "vox256.toml", for example.',
        )
    table = _read(_find(Path(base), path.parent), (*chain, path))
    table.merge(values, path.name)
    return table


def _toml(text: str, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        raise UsageError(f"{name} is not TOML: {error}.", hint="Correct that place.") from error


def _set(table: Table, setting: str) -> None:
    """Override one value by "a.b=c"; c is TOML, or text where it is none."""
    dotted, equals, text = setting.partition("=")
    keys = [key.strip() for key in dotted.split(".")]
    if not equals or not all(keys):
        raise UsageError(
            f"--set {setting!r} is no assignment.", hint="Write --set loss.perceptual=5."
        )
    try:
        parsed = tomllib.loads(f"value = {text}")
    except (tomllib.TOMLDecodeError, RecursionError, ValueError):
        parsed = {"value": text.strip()}
    values: Any = parsed["value"] if parsed.keys() == {"value"} else text.strip()
    for key in reversed(keys):
        values = {key: values}
    table.merge(values, "--set")
