# Sahel Shift. `make` builds the pages; README lists the other commands.
PYTHON ?= python3
DATA ?= data
OUT ?= html
OLD ?=
PY := .venv/bin/python
# The stamp tells a stale .venv: another lock, or the folder moved (editable installs and scripts hold its path).
LOCK_ID := $(shell { cat requirements.txt; pwd; } | git hash-object --stdin)
DEV_ID := $(shell { cat requirements.txt requirements-dev.txt; pwd; } | git hash-object --stdin)
READY := .venv/.ready-$(LOCK_ID)
DEV_READY := .venv/.dev-ready-$(DEV_ID)

.DEFAULT_GOAL := html
.PHONY: html test lab check new format compare pictures codebook bench lock clean

html: $(READY)
	@$(PY) -m helpers html --data "$(DATA)" --out "$(OUT)"

test: $(DEV_READY)
	@$(PY) -m pytest

lab: $(READY)
	@$(PY) -m helpers lab --data "$(DATA)"

check: $(READY)
	@$(PY) -m helpers check --data "$(DATA)"

new: $(READY)
	@$(PY) -m helpers new --data "$(DATA)"

format: $(READY)
	@$(PY) -m helpers format --data "$(DATA)"

compare: $(READY)
	@$(PY) -m helpers compare --old "$(OLD)" --data "$(DATA)" --out "$(OUT)"

pictures: $(DEV_READY) html
	@$(PY) -m tests.pictures "$(OUT)"

codebook: $(READY)
	@$(PY) -m helpers codebook

bench: $(DEV_READY)
	@$(PY) -m tests.bench

lock: $(READY)
	@$(PY) -m pip --version >/dev/null 2>&1 || $(PY) -m ensurepip -q
	@$(PY) -m pip install -q uv
	@.venv/bin/uv pip compile -q --universal --python-version 3.11 --no-header requirements.in -o requirements.txt
	@.venv/bin/uv pip compile -q --universal --python-version 3.11 --no-header requirements-dev.in -o requirements-dev.txt

clean:
	@rm -rf .venv html

$(READY):
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; (3, 11) <= v <= (3, 14) or sys.exit("Sahel Shift needs Python 3.11 to 3.14; this is %d.%d. Name another: make PYTHON=python3.12" % v)'
	@rm -rf .venv
	@echo "Setting up .venv (once; about a minute) …"
	@if command -v uv >/dev/null 2>&1; then \
	  uv venv -q --python "$(PYTHON)" .venv && uv pip install -q --python $(PY) -r requirements.txt; \
	else \
	  $(PYTHON) -m venv .venv || { rm -rf .venv; echo "On Debian and Ubuntu: sudo apt-get install python3-venv"; exit 1; }; \
	  $(PY) -m pip install -q --disable-pip-version-check -r requirements.txt; \
	fi
	@touch $@

$(DEV_READY): $(READY)
	@if command -v uv >/dev/null 2>&1; then uv pip install -q --python $(PY) -r requirements-dev.txt; \
	else $(PY) -m pip install -q --disable-pip-version-check -r requirements-dev.txt; fi
	@touch $@
