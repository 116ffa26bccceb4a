# marketcron. `make` prints this help; every target sets up what it needs.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
LOCKED := $(VENV)/.locked
READY  := $(VENV)/.ready
PIP    := $(BIN)/pip install --quiet --quiet --disable-pip-version-check
LOCK    = $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' --quiet $(if $(UPGRADE),--upgrade)

.DEFAULT_GOAL := help
.PHONY: help setup demo run test test-long check bench lock clean

help: ## Print this help
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## Create the virtual environment in .venv from the locks

# Anew when the locks change: what they no longer name is gone then.
$(LOCKED): requirements-dev.txt
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("marketcron needs Python 3.11 or newer, this is " + sys.version.split()[0] + ". Name a newer one: make PYTHON=python3.12 setup")'
	@echo "Setting up $(VENV) (a minute or two)"
	@$(PYTHON) -m venv --clear $(VENV)
	@$(PIP) --require-hashes -r requirements-dev.txt
	@touch $@

$(READY): $(LOCKED) pyproject.toml
	@$(PIP) --no-build-isolation --no-deps --editable .
	@touch $@

demo: $(READY) ## Show it all at work: sandbox, service, every URL (ONCE=1 ends by itself, SHOP=prestashop)
	@$(BIN)/marketcron demo $(if $(ONCE),--once) $(if $(SHOP),--shop $(SHOP))

run: $(READY) ## Start the service on http://127.0.0.1:8000
	@$(BIN)/marketcron serve

test: $(READY) ## Run the tests that decide a change (5 to 11 minutes on 2 cores)
	$(BIN)/pytest -n 3 --dist worksteal -m "not long" tests

test-long: $(READY) ## Run every test, the long ones too
	$(BIN)/pytest -n 4 tests

check: $(READY) ## Lint, type check, and check the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

bench: $(READY) ## Measure speed and memory, up to 20 minutes, into build/bench.json (PARTS="trigger quota": only these)
	@$(BIN)/python -m tests.bench $(PARTS)

lock: $(READY) ## Write the locks anew from pyproject.toml (hashes, no addresses); UPGRADE=1 takes newer versions
	$(LOCK) pyproject.toml --extra postgres --output-file requirements.txt
	$(LOCK) pyproject.toml --extra postgres --group dev --output-file requirements-dev.txt
	$(LOCK) --group build --output-file requirements-build.txt

clean: ## Remove what the other targets made (not data/)
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache build
