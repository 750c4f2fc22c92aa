# Every target makes .venv first where it is missing or older than the lock.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
ORACLE := $(VENV)/.oracle
HOME_DIR ?= data
PORT ?= 8501

# No telemetry, in whatever is started from here.
export DO_NOT_TRACK := 1
export DAGSTER_DISABLE_TELEMETRY := 1

.DEFAULT_GOAL := help
.PHONY: help setup pipeline dashboard dagster test oracle faults lint format docs bench recovery mutations lock clean

help:  ## say what each target does
	@sed -n 's/^\([a-z-]*\):.*##/\1\t/p' $(MAKEFILE_LIST) | expand -t 12

setup: $(READY)  ## make .venv from requirements.lock

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("Ops Tower needs Python 3.11 or newer; set PYTHON=…" if sys.version_info < (3, 11) else 0)'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	sed -n '/^uv==/,/[^\\]$$/p' requirements.lock > $(VENV)/uv.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement $(VENV)/uv.lock
	$(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python --require-hashes --requirement requirements.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	touch $(READY)

pipeline: $(READY)  ## run every layer on 50,000 simulated tickets and say the five answers
	$(BIN)/ops-tower run --home $(HOME_DIR)

dashboard: $(READY)  ## serve the dashboard on http://127.0.0.1:8501
	$(BIN)/ops-tower dashboard --home $(HOME_DIR) --port $(PORT)

dagster: $(READY)  ## serve Dagster's user interface on http://127.0.0.1:3000
	$(BIN)/ops-tower dagster --home $(HOME_DIR)

test: lint  ## lint, type-check and run all tests
	$(BIN)/python -m pytest

faults: $(READY)  ## try the bad day in full: kills, full disks, hostile files (40 minutes on two cores)
	OPS_TOWER_FAULTS=full $(BIN)/python -m pytest ops_tower_tests/faults

lint: $(READY)  ## ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(READY)  ## let ruff format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(READY)  ## build the documentation into docs/_build
	$(BIN)/sphinx-build -W --keep-going -b html docs docs/_build/html

$(ORACLE): $(READY)
	$(BIN)/uv pip install --quiet --python $(BIN)/python --group oracle
	touch $(ORACLE)

oracle: $(ORACLE)  ## install pm4py beside the product and hold process mining to it
	$(BIN)/python -m pytest ops_tower_tests/oracle

bench: $(ORACLE)  ## measure speed against the bare tools; prints tables
	$(BIN)/python -m ops_tower_tests.benchmarks

mutations: $(READY)  ## break the rules of the SLA models one by one; each must fail its named test
	$(BIN)/python -m ops_tower_tests.dbt.mutations

recovery: $(READY)  ## see whether the drivers find what is planted, on 40 simulated desks; slow
	$(BIN)/python -m ops_tower_tests.benchmarks drivers

lock: $(READY)  ## resolve requirements.lock anew
	$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --group build --group test --group docs --extra postgres --generate-hashes --no-header --no-annotate --quiet --output-file requirements.lock --upgrade

clean:  ## remove what was built; data stays
	rm -rf $(VENV) docs/_build build dist .pytest_cache .ruff_cache .mypy_cache .hypothesis
