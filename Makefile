.DEFAULT_GOAL := help
SHELL := /bin/bash

PYTHON ?= python3
UV := $(shell command -v uv 2>/dev/null || echo .uv/bin/uv)
BIN := .venv/bin
# Never fetch a Python from elsewhere, trust the machine's certificates, compile once so that start-up is quick.
export UV_PYTHON_DOWNLOADS := never
export UV_SYSTEM_CERTS := 1
export UV_COMPILE_BYTECODE := 1
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup run demo documents test soak check bench bench-nation bench-warehouse bench-dashboard lock docs screenshots browser clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-16s %s\n", $$1, $$2}'

.uv/bin/uv:
	@command -v $(PYTHON) >/dev/null || { echo "Kasane needs Python 3.11 or later; '$(PYTHON)' was not found (set PYTHON=...)."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Kasane needs Python 3.11 or later as '$(PYTHON)' (set PYTHON=...)."; exit 1; }
	@$(PYTHON) -m venv .uv || { echo "Python's venv module is missing (Debian/Ubuntu: apt install python3-venv)."; exit 1; }
	@.uv/bin/python -m pip install -q uv || { echo "uv could not be installed: is the package index reachable?"; exit 1; }

.venv/.ok: requirements.lock pyproject.toml $(filter .uv/%,$(UV))
	@test -x $(BIN)/python || $(UV) venv -q --python $(PYTHON) .venv
	@echo "Installing the locked environment (about 1.5 GB on disk, a minute or so the first time) ..."
	@$(UV) pip sync -q --python .venv --require-hashes requirements.lock || { echo "The locked packages could not be installed: is the package index reachable?"; exit 1; }
	@$(UV) pip install -q --python .venv --no-deps --no-build-isolation --reinstall-package kasane -e .
	@touch $@

# The web font is cut from a locked package, not committed; anew when a text has a letter it lacks.
FONT_TEXTS := $(shell find dashboards data/reference expectations dbt_project/models -name '*.py' -o -name '*.typ' -o -name '*.csv' -o -name '*.y*ml')
dashboards/static/fonts.css: .venv/.ok $(FONT_TEXTS)
	@$(BIN)/python -m dashboards.fonts

setup: .venv/.ok dashboards/static/fonts.css ## Install the locked environment (and the git hooks, in a git checkout)
	@git rev-parse --git-dir >/dev/null 2>&1 && $(BIN)/pre-commit install >/dev/null || true

run: setup ## Set up, process the inbox (or sample data), start the dashboard
	@if [ -n "$$(find data/inbox -type f -not -name '.*' -print -quit 2>/dev/null)" ]; then \
	  $(BIN)/kasane run && $(BIN)/kasane dashboard; \
	else \
	  echo "data/inbox is empty: using synthetic sample data in data/demo."; $(BIN)/kasane demo; \
	fi

demo: setup ## The same on sample data in data/demo, without the server
	@$(BIN)/kasane demo --no-serve

MONTH := 2026-03
documents: setup ## The month's report, internal and public, and all briefings, from the sample data
	@$(BIN)/kasane demo --no-serve && export KASANE_HOME=data/demo && $(BIN)/kasane report monthly --month $(MONTH) && \
	  $(BIN)/kasane report monthly --month $(MONTH) --audience public && $(BIN)/kasane briefing --month $(MONTH)

browser:
	@tests/browser/ensure_browser.sh

test: setup browser ## Set up, run all tests
	@$(BIN)/pytest -n 2 --dist worksteal -m "not soak"

soak: setup ## Long runs: more seeds, the full sample against the truth
	@$(BIN)/pytest -m soak

check: setup ## Format, lint, types, SQL, architecture, stale lock and generated docs
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/basedpyright --level error
	@$(BIN)/lint-imports
	@cd dbt_project && ../$(BIN)/sqlfluff lint -q models tests
	@cd dbt_project && KASANE_WAREHOUSE=none.duckdb ../$(BIN)/dbt --quiet parse --profiles-dir . --target-path target --log-path logs
	@said=$$(COLUMNS=200 $(BIN)/dbt-bouncer 2>&1) || { echo "$$said"; exit 1; }
	@$(BIN)/python -m pipelines.generate --check
	@cp requirements.lock /tmp/kasane-lock-$$$$ && $(UV) pip compile -q $(LOCK_FLAGS) -o /tmp/kasane-lock-$$$$ pyproject.toml && \
	  diff <(grep -v '^#' requirements.lock) <(grep -v '^#' /tmp/kasane-lock-$$$$) >/dev/null || { echo "requirements.lock is stale: run make lock"; exit 1; }; rm -f /tmp/kasane-lock-$$$$

bench: setup ## Where the time goes, on the sample; what protecting costs
	@$(BIN)/python -m tests.benchmarks.sample
	@$(BIN)/python -m tests.benchmarks.disclosure

bench-nation: setup ## The nation's month through the intake, beside a script that only reads it (more of them: see --months)
	@$(BIN)/python -m tests.benchmarks.nation $(ARGUMENTS)

bench-warehouse: setup ## The nation's five years through dbt, beside hand-written SQL (about an hour; see --scale)
	@$(BIN)/python -m tests.benchmarks.warehouse $(ARGUMENTS)

bench-dashboard: setup browser ## 50 people at two servers, every page; beside them a naive page; first paint and layout shift in Chromium
	@$(BIN)/kasane demo --no-serve && $(BIN)/python -m tests.benchmarks.dashboard $(ARGUMENTS)

LOCK_FLAGS := --universal --generate-hashes --no-emit-index-url --no-annotate --all-extras
lock: .uv/bin/uv ## Rewrite requirements.lock from pyproject.toml
	@$(UV) pip compile -q --no-header $(LOCK_FLAGS) -o requirements.lock pyproject.toml

docs: setup ## Rewrite what is generated: dbt sources, data dictionary, KPI pages; and docs/dbt/index.html (not in git)
	@$(BIN)/python -m pipelines.generate
	@$(BIN)/python -m pipelines.dbt_docs

screenshots: setup browser ## Write the pictures of the README
	@$(BIN)/kasane demo --no-serve && $(BIN)/python -m tests.browser.screenshots

clean: ## Remove environment, caches and derived files (never the inbox)
	rm -rf .venv .uv dashboards/static .pytest_cache .ruff_cache .hypothesis dbt_project/target dbt_project/logs data/demo test-results
