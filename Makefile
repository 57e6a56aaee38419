.DEFAULT_GOAL := help
SHELL := /bin/bash

UV := $(shell command -v uv 2>/dev/null || echo .uv/bin/uv)
PYTHON ?= python3
BIN := .venv/bin
export UV_PYTHON_DOWNLOADS := never
export UV_SYSTEM_CERTS := 1
export UV_COMPILE_BYTECODE := 1
export PYTHONDONTWRITEBYTECODE :=

.uv/bin/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Kasane needs Python 3.11 or later as '$(PYTHON)' (set PYTHON=...)."; exit 1; }
	@$(PYTHON) -m venv .uv || { echo "Python's venv module is missing (Debian/Ubuntu: apt install python3-venv)."; exit 1; }
	@.uv/bin/python -m pip install -q uv || { echo "uv could not be installed: is the package index reachable?"; exit 1; }

.venv/.ok: requirements.lock pyproject.toml $(filter .uv/%,$(UV))
	@test -x $(BIN)/python || $(UV) venv -q --python $(PYTHON) .venv
	$(UV) pip sync -q --python .venv --require-hashes requirements.lock
	$(UV) pip install -q --python .venv --no-deps --no-build-isolation -e .
	@touch $@
