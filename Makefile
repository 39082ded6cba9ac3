# Sahel Shift. `make` builds the pages; README lists the other commands.
PYTHON ?= python3
DATA ?= data
OUT ?= html
OLD ?=
# Counts of a machine-coded feed for page 07, and the files to count them from (make feed PATHS=folder).
FEED ?= $(SAHEL_SHIFT_FEED)
PATHS ?=
FORMAT ?= gdelt2
COUNTS ?= counts.csv
PY := .venv/bin/python
# The stamp tells a stale .venv: another lock, or the folder moved (editable installs and scripts hold its path).
LOCK_ID := $(shell { cat requirements.txt; pwd; } | git hash-object --stdin)
DEV_ID := $(shell { cat requirements.txt requirements-dev.txt; pwd; } | git hash-object --stdin)
FEEDS_ID := $(shell { cat requirements.txt requirements-feeds.txt; pwd; } | git hash-object --stdin)
READY := .venv/.ready-$(LOCK_ID)
DEV_READY := .venv/.dev-ready-$(DEV_ID)
# Feeds have a .venv of their own, so that the main one never holds their packages.
FEEDS_PY := .venv-feeds/bin/python
FEEDS_READY := .venv-feeds/.ready-$(FEEDS_ID)
FEEDS_TESTS := tests/test_feeds.py tests/test_feed_files.py tests/test_feed_engines.py

.DEFAULT_GOAL := html
.PHONY: html test test-feeds lab check new format compare pictures codebook feed bench bench-feeds lock clean

html: $(READY)
	@$(PY) -m helpers html --data "$(DATA)" --out "$(OUT)" --feed "$(FEED)"

test: $(DEV_READY)
	@$(PY) -m pytest

test-feeds: $(FEEDS_READY)
	@REQUIRE_FEEDS=1 $(FEEDS_PY) -m pytest $(FEEDS_TESTS)

lab: $(READY)
	@$(PY) -m helpers lab --data "$(DATA)" --feed "$(FEED)"

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

feed: $(FEEDS_READY)
	@$(FEEDS_PY) -m helpers feed $(PATHS) --format "$(FORMAT)" --data "$(DATA)" --out "$(COUNTS)"

bench: $(DEV_READY)
	@$(PY) -m tests.bench

bench-feeds: $(FEEDS_READY)
	@$(FEEDS_PY) -m tests.bench_feeds

lock: $(READY)
	@$(PY) -m pip --version >/dev/null 2>&1 || $(PY) -m ensurepip -q
	@$(PY) -m pip install -q uv
	@.venv/bin/uv pip compile -q --universal --python-version 3.11 --no-header requirements.in -o requirements.txt
	@.venv/bin/uv pip compile -q --universal --python-version 3.11 --no-header requirements-dev.in -o requirements-dev.txt
	@.venv/bin/uv pip compile -q --universal --python-version 3.11 --no-header requirements-feeds.in -o requirements-feeds.txt

clean:
	@rm -rf .venv .venv-feeds html

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

$(FEEDS_READY):
	@rm -rf .venv-feeds
	@echo "Setting up .venv-feeds (once; about a minute) …"
	@if command -v uv >/dev/null 2>&1; then \
	  uv venv -q --python "$(PYTHON)" .venv-feeds && uv pip install -q --python $(FEEDS_PY) -r requirements-feeds.txt; \
	else \
	  $(PYTHON) -m venv .venv-feeds || { rm -rf .venv-feeds; echo "On Debian and Ubuntu: sudo apt-get install python3-venv"; exit 1; }; \
	  $(FEEDS_PY) -m pip install -q --disable-pip-version-check -r requirements-feeds.txt; \
	fi
	@touch $@
