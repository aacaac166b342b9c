.POSIX:
.SUFFIXES:
.PHONY: help demo demo-clean run test quick bench lock texts picture venv clean

PY = .venv/bin/python
PORT = 8080
DATA = data/demo
# Empty: bytecode is kept, or each process under test would compile all modules anew.
export PYTHONDONTWRITEBYTECODE =
# `make PYTHON=/path/to/python3 …`, for tools/make-venv
PYTHON =

help: ## show this list
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1 /p' Makefile | while read -r name words; do printf 'make %-11s %s\n' "$$name" "$$words"; done

demo: venv ## try the bot in a browser: http://127.0.0.1:8080, or PORT=…
	@exec $(PY) -m sandbox.demo --port "$(PORT)" --data "$(DATA)"

demo-clean: ## forget what was done in the demo
	@rm -rf data/demo

run: venv ## run the bot with the settings of the environment and .env
	@exec $(PY) -m bot run

test: venv ## format, lint, types, import rule, dependencies, catalogs and all tests
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy
	$(PY) -c 'from importlinter.cli import lint_imports_command; lint_imports_command()'
	$(PY) -m deptry .
	$(PY) -m tools.texts --check
	$(PY) -m pytest -n 4 --maxschedchunk 2 $(ARGS)

quick: venv ## the part of it that answers within a minute or two, while you write
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy
	$(PY) -m pytest -n 2 -m 'not slow' $(ARGS)

bench: venv ## measure, beside stock aiogram and plain Python
	@exec $(PY) -m tests.bench $(ARGS)

lock: ## write the lock files anew from pyproject.toml (needs uv)
	@command -v uv >/dev/null || { echo 'uv is missing: pip install uv' >&2; exit 1; }
	uv pip compile -q pyproject.toml $(LOCKING) -o requirements.lock
	uv pip compile -q pyproject.toml $(LOCKING) --group dev -o requirements-dev.lock
	@! grep -nE '://|^-' requirements.lock requirements-dev.lock || { echo 'An address in a lock file.' >&2; exit 1; }

LOCKING = --universal --python-version 3.11 --generate-hashes --no-header --no-annotate

texts: venv ## bring the catalogs up to the code's texts
	@$(PY) -m tools.texts

picture: venv ## take the pictures of the README anew (needs Chromium)
	@$(PY) -m tests.picture

clean: ## remove .venv, caches and the demo's data
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache data/demo
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

venv:
	@PYTHON="$(PYTHON)" sh tools/make-venv
