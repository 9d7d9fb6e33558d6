# The two commands of a newcomer: `make demo` and `make test`. Everything else is for those who work on it.
# make demo SCENARIO=cross-region | on-premises-clients | on-premises-backend | hub | basic: each in its own world.

SCENARIO ?= cross-region
VENV := .venv
PY := $(VENV)/bin/python
STAMP := $(VENV)/.ready
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null && { echo $$p; break; }; done)

.PHONY: setup demo test lint bench clean lock

setup: $(STAMP)

$(STAMP): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Gatespan needs Python 3.11, 3.12 or 3.13 with its venv module (on Debian: python3-venv)."; exit 1; }
	@echo "Setting up $(VENV) with $(PYTHON) (once, about a minute) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@echo "Preparing the local Prefect server's database (once) ..."
	@$(PY) -m flows server prepare
	@touch $@

demo: setup
	@test -f examples/$(SCENARIO).yaml && test -f examples/worlds/$(SCENARIO).yaml || { \
		echo "There is no scenario $(SCENARIO). There are: $(patsubst examples/worlds/%.yaml,%,$(wildcard examples/worlds/*.yaml))"; exit 1; }
	@$(VENV)/bin/gatespan cloud use examples/worlds/$(SCENARIO).yaml
	@$(VENV)/bin/gatespan apply examples/$(SCENARIO).yaml --picture build/$(SCENARIO).svg

test: setup
	@PYTHONDONTWRITEBYTECODE= $(PY) -m pytest -n 3 --dist loadgroup

lint: setup
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/mypy
	@$(VENV)/bin/lint-imports

bench: setup
	@for b in benchmarks/*.py; do echo "== $$b"; $(PY) -m benchmarks.$$(basename $$b .py) || exit 1; done

# Ranges live in pyproject.toml; this writes the exact versions with their hashes, for every supported Python.
lock:
	@$(PY) -m pip install --quiet uv
	@$(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --extra dev --no-emit-index-url \
		--no-emit-find-links --no-header --no-annotate --output-file requirements.lock pyproject.toml

clean:
	@rm -rf $(VENV) build .mypy_cache .ruff_cache .hypothesis
