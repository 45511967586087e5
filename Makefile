# The whole menu: make up | test | chaos | check | fmt | docs | bench | clean
SHELL := /bin/sh
PYTHON ?= python3
BIN := .venv/bin
UP ?=
TESTS ?=
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: help up test chaos check fmt docs bench clean
.DEFAULT_GOAL := help

help:
	@echo "make up     start registry, gateway and sandbox with a demo firm   (UP='--gateway-port 9001')"
	@echo "make test   everything below tests/, on SQLite and PostgreSQL     (TESTS=tests/gateway)"
	@echo "make chaos  kill, pause and disturb everything, the whole matrix  (longer)"
	@echo "make check  format, lint, types, layers, generated documents"
	@echo "make fmt    format and apply safe fixes"
	@echo "make docs   write the generated tables under docs/"
	@echo "make bench  run the benchmarks; figures go to benchmarks/out/"
	@echo "make clean  remove .venv and caches; .treaty (your data) stays"

$(BIN)/python:
	@sh deploy/venv.sh $(PYTHON) .venv

.venv/.user: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing Treaty into .venv ..." >&2
	@$(INSTALL) -e .
	@touch $@

.venv/.developer: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing Treaty and its test tools into .venv ..." >&2
	@$(INSTALL) -e '.[postgres,test,dev]'
	@touch $@ .venv/.user

up: .venv/.user
	@exec $(BIN)/treaty up $(UP)

test: .venv/.developer
	@$(BIN)/python deploy/spectral.py
	@$(BIN)/python deploy/redis_server.py
	@$(BIN)/python deploy/tryton.py
	@$(BIN)/python deploy/with_postgres.py -- $(BIN)/python -m pytest -n 2 --dist loadgroup $(TESTS)

chaos: .venv/.developer
	@$(BIN)/python deploy/redis_server.py
	@$(BIN)/python deploy/tryton.py
	@$(BIN)/python deploy/with_postgres.py -- $(BIN)/python -m pytest -n 2 --dist loadgroup -m "thorough or not thorough" tests/chaos tests/orchestration/tryton

check: .venv/.developer
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python deploy/docs.py --check

fmt: .venv/.developer
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

docs: .venv/.developer
	@$(BIN)/python deploy/docs.py --write

bench: .venv/.developer
	@mkdir -p benchmarks/out
	@for script in benchmarks/bench_*.py; do $(BIN)/python $$script || exit 1; done
	@$(BIN)/python -m benchmarks.gateway

clean:
	rm -rf .venv .cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
