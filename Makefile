# One door for every action, the same on a desk and in CI. `make` alone explains itself.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PYTHONSAFEPATH := 1

.DEFAULT_GOAL := help
.PHONY: help setup run demo test check format bench stories soak proto docs lock clean

help: ## Show this help
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

setup: $(VENV)/ready ## Build the virtual environment from the lock file

$(VENV)/ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or later is needed: set PYTHON=/path/to/python3.11"; exit 1; }
	@echo "building the virtual environment (a minute, once)"
	@$(PYTHON) -m venv $(VENV)
	@# The lock file is whole, so nothing is resolved: older pips would ask the index for the newest
	@# version of a requirement with extras, and refuse it for want of a hash.
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes \
	  -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@$(BIN)/pip check --quiet --disable-pip-version-check
	@touch $@

run: setup ## Start everything on this machine, with a live screen (Ctrl-C stops it)
	@$(BIN)/patriot run

demo: setup ## Run everything for a minute, print the tables, check them against a replay
	@$(BIN)/patriot demo --seconds 60 --exit

check: setup ## Lint, types, import rules and unit tests
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/pytest -q tests/unit tests/tidy tests/contract

test: setup ## All tests, against real PostgreSQL, Kafka and TimescaleDB
	@$(BIN)/pytest --cov --cov-report=term:skip-covered tests

bench: setup ## Benchmarks beside their references: make bench [NAME=append]
	@PYTHONPATH=. $(BIN)/python -m tests.benchmarks $(NAME)

stories: setup ## Random trading against slow models for long: make stories [EXAMPLES=10000] [SEED=1]
	@HYPOTHESIS_PROFILE=long PATRIOT_EXAMPLES=$(or $(EXAMPLES),10000) $(BIN)/pytest -q -s \
	  -p no:cacheprovider --hypothesis-seed=$(or $(SEED),1) --durations=0 tests/property

soak: setup ## Faults for long, with counts: make soak [MINUTES=10] [SEED=1] [FAULTS=kills]
	@PYTHONPATH=. $(BIN)/python -m tests.faults $(or $(MINUTES),10) $(or $(SEED),1) $(or $(FAULTS),all)

format: setup ## Format the code and sort imports
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .

proto: setup ## Generate the code of the wire contracts
	@$(BIN)/python -m grpc_tools.protoc -I . --python_out=. --pyi_out=. --grpc_python_out=. \
	  adapters/proto/v1/*.proto

docs: setup ## Write what of docs/*.md is generated from the contracts and the registry
	@PYTHONPATH=. $(BIN)/python -m tests.contract.documents

$(BIN)/uv:
	@$(MAKE) --no-print-directory setup

# Not after `setup`: with a new dependency in pyproject.toml it fails until this has run.
lock: | $(BIN)/uv ## Pin every dependency with its hash
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --extra dev \
	  --generate-hashes --no-header --no-annotate --no-emit-index-url \
	  --output-file requirements.lock pyproject.toml

clean: ## Remove what the tools made (never the data folder)
	@rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage
