# Every target passes ARGS on: make demo ARGS="--orders 60 --exit --json out.json"
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: setup demo dev test check bench

setup: $(READY)

# Runs once, and again whenever the lock or the project's own metadata change.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Crossdock needs Python 3.11 or newer: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11" >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock $(if $(filter setup,$(MAKECMDGOALS)),$(ARGS))
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: setup
	$(BIN)/crossdock demo $(ARGS)

dev: setup
	$(BIN)/crossdock dev $(ARGS)

test: setup
	$(BIN)/python -m pytest $(ARGS)

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(BIN)/python -m pytest tests/architecture $(ARGS)

bench: setup
	$(BIN)/python -m tests.bench $(ARGS)
