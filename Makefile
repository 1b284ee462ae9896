# Two commands: make run, make test. The rest is for developers.
#   make run ARGS="--portrait me.jpg --camera 1"
#   make setup TORCH=cpu|cuda        choose torch's build by hand (default: by the NVIDIA driver)
#   make setup PYTHON=/path/to/python3.11
PYTHON ?= python3
TORCH ?= auto
ARGS ?=

SETUP = $(PYTHON) tools/setup.py --torch $(TORCH)

.PHONY: run test setup check
run:
	@$(SETUP)
	@.venv/bin/avatar run $(ARGS)

test:
	@$(SETUP) --dev
	@.venv/bin/python -m pytest $(ARGS)

setup:
	@$(SETUP) --dev

check:
	@$(SETUP) --dev
	@.venv/bin/python -m tools.check $(ARGS)
