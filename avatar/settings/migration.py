"""Migration: settings written by older versions, brought up to date one schema at a time."""

from collections.abc import Callable, Sequence
from typing import Any

Table = dict[str, Any]
Step = Callable[[Table], Table]

STEPS: tuple[Step, ...] = ()
"""The step at index n takes a table of schema n + 1 to schema n + 2. Never edit a published one."""

SCHEMA = len(STEPS) + 1
"""What this version reads and writes."""


def schema_of(table: Table) -> int:
    """Which schema a file says it has; a file that says none was written by hand, for today's.

    Raises:
        ValueError: it says something that is no schema.
    """
    schema = table.get("schema", SCHEMA)
    if not isinstance(schema, int) or isinstance(schema, bool) or schema < 1:
        raise ValueError(f"got {schema!r} as schema, expected a whole number from 1 on")
    return schema


def migrate(table: Table, steps: Sequence[Step] = STEPS) -> Table:
    """A table of an older schema, or of this one, as a table of this one.

    Raises:
        ValueError: its schema is newer, or none.
    """
    schema, newest = schema_of(table), len(steps) + 1
    if schema > newest:
        raise ValueError(f"schema {schema} is newer than {newest}")
    for step in steps[schema - 1 :]:
        table = step(table)
    return {**table, "schema": newest}
