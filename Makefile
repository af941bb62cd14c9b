# The verbs of this repository. `make` runs every check.

PYTHON ?= $(shell . .ci/python.sh && find_python)
ROW ?=
ARGS ?=

# The tools at the versions the checks use, into this repository's environment whatever is active.
export PIP_CONSTRAINT := $(CURDIR)/.ci/constraints.txt
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export VIRTUAL_ENV := $(CURDIR)/.venv
unexport CONDA_PREFIX

.PHONY: ci install dev test test-all demo bench docs fmt

ci: ## every check, as continuous integration runs them
	@.ci/run

install: .venv/bin/maturin ## rapfiles (release build) and every tool, in .venv
	.venv/bin/maturin develop --release --locked --extras test,lint,docs

dev: .venv/bin/maturin ## rapfiles from the quick build, after a change of the Rust code
	.venv/bin/maturin develop --locked

demo: install ## a small log service, with rapfiles, aiofiles and blocking code
	.venv/bin/python examples/demo.py

test: ## the suite against the built wheel: both loops, now on and off; then aiofiles' own suite
	@.ci/test

test-all: ## `make test` on every Python >= 3.10 that pyenv has
	@.ci/test-all

bench: .venv/bin/maturin ## the benchmarks; ROW=name for one row, ARGS="--json FILE --write-docs" for more
	.venv/bin/maturin develop --release --locked --features bench --extras bench
	.venv/bin/python -m pip install -q -r benchmarks/requirements.txt
	.venv/bin/python -m benchmarks $(if $(ROW),--row $(ROW)) $(ARGS)

docs: install ## the site, in build/site
	NO_MKDOCS_2_WARNING=1 .venv/bin/mkdocs build --strict

fmt: .venv/bin/maturin ## format the code
	cargo fmt --all
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

.venv/bin/maturin:
	$(PYTHON) -m venv .venv
	.venv/bin/python -m pip install -q maturin ruff
