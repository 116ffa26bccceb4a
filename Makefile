# marketcron. `make` prints this help; every target sets up what it needs.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help setup demo run test test-long check lock clean

help: ## Print this help
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## Create the virtual environment in .venv from the locks

$(READY): requirements-dev.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("marketcron needs Python 3.11 or newer, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $@

demo: $(READY) ## Show it all at work: sandbox, service, every URL (ONCE=1 ends by itself)
	$(BIN)/marketcron demo $(if $(ONCE),--once)

run: $(READY) ## Start the service on http://127.0.0.1:8000
	$(BIN)/marketcron serve

test: $(READY) ## Run the tests that decide a change (under 8 minutes on 2 cores)
	$(BIN)/pytest -n 2 -m "not long" tests

test-long: $(READY) ## Run every test, the long ones too
	$(BIN)/pytest -n 2 tests

check: $(READY) ## Lint, type check, and check the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

lock: $(READY) ## Write the locks anew from pyproject.toml (hashes, no addresses)
	$(BIN)/uv pip compile pyproject.toml --extra postgres --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' --quiet --output-file requirements.txt
	$(BIN)/uv pip compile pyproject.toml --extra postgres --group dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' --quiet --output-file requirements-dev.txt

clean: ## Remove what the other targets made (not data/)
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache build
