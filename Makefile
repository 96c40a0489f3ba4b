# The commands of this project. `make` alone lists them.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help setup run test lint format docs record contract bench growth soak clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(BIN)/zaprig: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "zaprig needs Python 3.11 or newer; try make PYTHON=python3.12")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $(BIN)/zaprig

setup: $(BIN)/zaprig ## make .venv and install the project and its tools into it

run: $(BIN)/zaprig ## play the whole guide on live local servers and check what arrived
	@$(BIN)/zaprig demo

test: $(BIN)/zaprig ## run all tests; those that want Node are skipped without it
	@$(BIN)/python -m pytest

lint: $(BIN)/zaprig ## check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(BIN)/zaprig ## format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(BIN)/zaprig ## check that the documents say what the code does
	@$(BIN)/python -m pytest tests/house

record: $(BIN)/zaprig ## make the shipped cassettes again
	@$(BIN)/zaprig record --all --again --to fixtures/cassettes

contract: $(BIN)/zaprig ## check the servers against their OpenAPI documents, in process and over sockets; takes minutes
	@$(BIN)/zaprig contract
	@$(BIN)/zaprig contract --sockets

bench: $(BIN)/zaprig ## measure, as ratios against plain Flask
	@$(BIN)/python -m bench

growth: $(BIN)/zaprig ## measure what calls cost among a million profiles; takes minutes and 1 GB of disk
	@$(BIN)/python -m bench.growth

soak: $(BIN)/zaprig ## upload 220,000 times and see whether memory grows; takes minutes
	@$(BIN)/python -m bench.soak

clean: ## remove what was made, the environment too
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
