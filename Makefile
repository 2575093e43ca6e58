SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
PYTHON ?= python3
export PYTHON

INSTALLED := .venv/.installed
SANDBOX := . scripts/env.sh;
CODE := reconciler infra flows scripts sdks bench tests

.PHONY: up down reset load check test fuzz faults bench bench-engine bench-state bench-startup fix sdk pins clean help

up: $(INSTALLED) ## bring the dev environment up in the sandbox, load real data, show what came out
	@$(SANDBOX) python -m scripts.make_key .state/keys/loader.p8
	@$(SANDBOX) flowforge sandbox up
	@$(SANDBOX) pulumi stack select dev --create
	@$(SANDBOX) pulumi up --yes --skip-preview --config-file "$$(scripts/stack_file.sh)"
	@$(SANDBOX) python -m scripts.load
	@$(SANDBOX) python -m scripts.summary

down: $(INSTALLED) ## stop the sandbox; its state stays
	@$(SANDBOX) flowforge sandbox down

reset: $(INSTALLED) ## stop and empty the sandbox, and forget the dev stack with it
	@$(SANDBOX) flowforge sandbox reset --yes
	@rm -rf .state

load: $(INSTALLED) ## run the load once more
	@$(SANDBOX) python -m scripts.load --again

check: $(INSTALLED) ## format, lint, types, layers, generated files up to date, tests
	@.venv/bin/ruff format --check $(CODE)
	@.venv/bin/ruff check $(CODE)
	@.venv/bin/mypy
	@.venv/bin/lint-imports --no-cache
	@.venv/bin/python -m sdks.generate --check
	@$(MAKE) --no-print-directory test

test: $(INSTALLED) ## every test
	@.venv/bin/pytest --numprocesses auto --maxprocesses 4 --dist loadfile

CASES ?= 10000
fuzz: $(INSTALLED) ## promises on random snapshots, programs, operations, faults and crashes: make fuzz CASES=n SEED=s
	@.venv/bin/python tests/fuzz/fuzz.py --cases $(CASES) --seed "$(SEED)"

KILLS ?= 100
faults: $(INSTALLED) ## the 26 faults, injected, then kills at random moments of real runs: make faults KILLS=n SEED=s
	@FAULTS=all .venv/bin/pytest tests/faults -p no:randomly --numprocesses 2 --dist worksteal
	@.venv/bin/python tests/faults/kills.py --kills $(KILLS) --seed "$(SEED)"

bench: bench-engine bench-state bench-startup ## every benchmark

bench-engine: $(INSTALLED) ## what the engine adds to the SDK's own cost
	@env -u PYTHONDONTWRITEBYTECODE .venv/bin/python -m bench.engine

bench-state: $(INSTALLED) ## what keeping state costs, in a folder and on a slow S3
	@env -u PYTHONDONTWRITEBYTECODE .venv/bin/python -m bench.state

bench-startup: $(INSTALLED) ## what a command costs before it does anything
	@env -u PYTHONDONTWRITEBYTECODE .venv/bin/python -m bench.startup

fix: $(INSTALLED) ## repair format and what the linter can repair
	@.venv/bin/ruff format $(CODE)
	@.venv/bin/ruff check --fix $(CODE)

sdk: $(INSTALLED) ## write the Prefect SDK anew from the provider's kinds
	@.venv/bin/python -m sdks.generate

pins: $(INSTALLED) ## pin the versions anew after a change of pyproject.toml (needs uv)
	@uv pip compile --quiet --universal --python-version 3.11 --all-extras --no-emit-index-url --no-annotate \
	  --custom-compile-command 'make pins' pyproject.toml --output-file constraints.txt

clean: ## remove what was installed and cached; state stays
	@rm -rf .venv build dist *.egg-info sdks/*/*.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

help: ## this list
	@grep -E '^[a-z]+:.*## ' Makefile | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 16

$(INSTALLED): pyproject.toml constraints.txt sdks/prefect/pyproject.toml
	@echo "installing into .venv (once; two or three minutes)"
	@scripts/install.sh
	@touch $@
