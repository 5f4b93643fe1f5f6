# Two commands are for everyone: `make demo` and `make test`. Each brings what it needs.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
WORKERS := $(shell nproc)
PYTEST = $(BIN)/python $(COUNTING) -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder
BROWSERS := $(and $(shell command -v chromium),$(shell command -v firefox-esr),$(shell command -v openssl))
BROWSER_PACKAGES := chromium firefox-esr fonts-noto-core fonts-noto-cjk openssl

# Some machines forbid Python to keep what it compiled: then every run, worker and door compiles all of it anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo quick test thorough check lint types contracts templates tests catalogs pictures speed lock clean browser
.DEFAULT_GOAL := help

help: ## what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: $(VENV)/runs ## made-up answers of the County's 17 programs, both doors open
	$(BIN)/feedback demo

quick: $(VENV)/develops ## after every edit: no browser, SQLite alone, nothing slow; 90 seconds
	$(PYTEST) -q -m "not browser and not slow and not postgresql"

test: $(VENV)/develops browser ## every promise at least once, both databases, real browsers; 12 minutes
	$(PYTEST) --durations 20

thorough: $(VENV)/develops browser ## all that make test takes samples of, before an issue is closed; 90 minutes
	$(PYTEST) --durations 20 --thorough

check: lint types contracts templates tests ## what CI runs: style, types, imports, and make test with its coverage; 25 minutes

lint: $(VENV)/develops ## code style
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(VENV)/develops ## type check
	$(BIN)/mypy

contracts: $(VENV)/develops ## imports point one way
	$(BIN)/lint-imports

templates: $(VENV)/develops ## template style
	$(BIN)/djlint feedback/templates --profile jinja --lint --quiet

tests: $(VENV)/develops browser ## the tests, with the branches they must cover
	$(BIN)/coverage erase
	$(MAKE) test COUNTING="-m coverage run"
	$(BIN)/coverage combine -q
	$(BIN)/coverage report --include="surveys/*,analysis/*" --fail-under=100
	$(BIN)/coverage report --include="feedback/*" --fail-under=95

catalogs: $(VENV)/develops ## collect the words anew and merge them into every language
	$(BIN)/pybabel -q extract -F pyproject.toml -k gettext_noop -k _ --no-location --sort-by-file \
	  --project Heard --copyright-holder "the authors of Heard" -o locales/messages.pot .
	$(BIN)/python -m feedback.translations.merging locales

pictures: $(VENV)/develops browser ## the pictures of the README, taken from a demonstration
	$(BIN)/python -m tests.project.pictures

speed: $(VENV)/develops browser ## bytes of every survey, and seconds on a slow network
	$(BIN)/python -m tests.project.slow_network

lock: ## the hash-locked requirements, from pyproject.toml (needs uv)
	uv pip compile pyproject.toml --universal --python-version 3.11 --no-strip-extras --generate-hashes --no-emit-index-url --no-header -q -o requirements.txt
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --no-strip-extras --generate-hashes --no-emit-index-url --no-header -c requirements.txt -q -o requirements-dev.txt
	uv pip compile requirements-build.in --universal --python-version 3.11 --no-strip-extras --generate-hashes --no-emit-index-url --no-header -c requirements-dev.txt -q -o requirements-build.txt

# The browser tests are never skipped in silence: install Debian's browsers where we may, else say what is missing.
browser:
ifeq ($(BROWSERS),)
	@if [ "$$(id -u)" = 0 ]; then as_root=; \
	elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then as_root=sudo; \
	else echo "The browser tests need real browsers: install Debian's packages $(BROWSER_PACKAGES)." >&2; exit 1; fi; \
	$$as_root apt-get update -qq && $$as_root apt-get install -y -qq $(BROWSER_PACKAGES)
endif

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

# A stamp per kind of install: the demo needs no test tools, and the build backend comes from the lock too.
$(VENV)/runs: requirements.txt pyproject.toml | $(VENV)/bin/python
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements-build.txt
	$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/develops: requirements-dev.txt pyproject.toml $(VENV)/runs | $(VENV)/bin/python
	$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.txt
	touch $@

clean: ## remove what the commands above made
	rm -rf $(VENV) demo-home .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage*
