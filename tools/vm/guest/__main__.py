"""``python -m tools.vm.guest``: the proofs, in the guest, as root."""

import argparse
import importlib
import sys
from pathlib import Path

from tools.vm.guest import PROOFS
from tools.vm.guest.drivers import unload_all
from tools.vm.guest.record import Record


def main() -> int:
    """Run the proofs named, or all: 0 when everything that was claimed held."""
    parser = argparse.ArgumentParser(prog="python -m tools.vm.guest", description=__doc__)
    parser.add_argument("--results", type=Path, required=True)
    parser.add_argument("proofs", nargs="*", metavar="PROOF")
    args = parser.parse_args()
    record = Record(args.results)
    for name in args.proofs or PROOFS:
        try:
            with record.proof(name):
                importlib.import_module(f"tools.vm.guest.{name}").prove(record)
        except Exception as error:  # it is in the record; the next proof may hold
            print(f"vm: {name} broke: {error!r}", flush=True)
        unload_all()
    return 0 if all(claim.held is not False for claim in record.claims) else 1


if __name__ == "__main__":
    sys.exit(main())
