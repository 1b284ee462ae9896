"""Record: what was claimed, and whether it held; written after every claim, read by the host."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

FILE = "claims.json"


@dataclass(frozen=True)
class Claim:
    """One statement about a real device.

    Attributes:
        proof: which of the proofs it belongs to.
        says: the statement.
        held: whether it was so; None: noted, not judged.
        figures: what was measured.
    """

    proof: str
    says: str
    held: bool | None
    figures: dict[str, Any] = field(default_factory=dict)


class Record:
    """Claims in the order they were made.

    Args:
        folder: where :data:`FILE` and everything else that is kept goes.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.claims: list[Claim] = []
        self._proof = ""

    def claim(self, says: str, held: bool | None, **figures: Any) -> bool:
        """Note a claim; whether it held."""
        made = Claim(self._proof, says, None if held is None else bool(held), figures)
        self.claims.append(made)
        self.write()
        word = {True: "held", False: "FAILED", None: "noted"}[made.held]
        print(f"vm: {word}: {self._proof}: {says} {figures or ''}", flush=True)
        return bool(held)

    @contextmanager
    def proof(self, name: str) -> Iterator[None]:
        """A proof by name; one that breaks is a claim that failed, and the next goes on."""
        self._proof = name
        began = monotonic()
        print(f"vm: {name} ...", flush=True)
        try:
            yield
        except Exception as error:
            self.claim(f"the proof ran to its end: {type(error).__name__}: {error}", False)
            raise
        finally:
            self.claim("seconds taken", None, seconds=round(monotonic() - began))

    def write(self) -> None:
        """Write all of them."""
        text = json.dumps([asdict(claim) for claim in self.claims], indent=1)
        (self.folder / FILE).write_text(text)


def read(folder: Path) -> list[Claim]:
    """The claims that a guest left; none where it wrote none."""
    file = folder / FILE
    return [Claim(**claim) for claim in json.loads(file.read_text())] if file.exists() else []
