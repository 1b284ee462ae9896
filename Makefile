# Two commands: make run, make test. The rest is for developers.
#   make run ARGS="--portrait me.jpg --camera 1"
#   make run LIGHT=1                 without torch: smaller; the bundled model by OpenVINO
#   make setup TORCH=cpu|cuda        choose torch's build by hand (default: by the NVIDIA driver)
#   make setup PYTHON=/path/to/python3.11
PYTHON ?= python3
ARGS ?=
LIGHT ?=
TORCH ?= $(if $(filter-out 0,$(LIGHT)),none,auto)
# What make setup and the tests need beyond make run; the light set-up is for running only.
DEV = $(if $(filter none,$(TORCH)),,--dev)

SETUP = $(PYTHON) tools/setup.py --torch $(TORCH)

.PHONY: run test setup check audit lock test-vcam
run:
	@$(SETUP)
	@.venv/bin/avatar run $(ARGS)

test:
	@$(SETUP) --dev
	@.venv/bin/python -m pytest $(ARGS)

setup:
	@$(SETUP) $(DEV)

check:
	@$(SETUP) --dev
	@.venv/bin/python -m tools.check $(ARGS)

# For information, not a gate: asks the package index's list of known holes about every pinned version.
audit:
	@$(SETUP) --dev
	@.venv/bin/python -c "import pip_audit" 2>/dev/null || \
		.venv/bin/python -m pip install -qq -c tools/constraints.txt pip-audit
	@.venv/bin/python -m tools.audit $(ARGS)

# The release's packages with hashes: tools/locks/*.txt.
lock:
	@$(SETUP) --dev
	@.venv/bin/python -c "import uv" 2>/dev/null || \
		.venv/bin/python -m pip install -qq -c tools/constraints.txt uv
	@.venv/bin/python -m tools.lock $(ARGS)

# The virtual camera on a real kernel: a Debian under qemu. Not part of make test.
test-vcam:
	@$(SETUP) --dev
	@.venv/bin/python -m tools.vm $(ARGS)
