# Everything here sets itself up in .venv; nothing is installed anywhere else. `make help` lists the targets.
# Another Python: make test PYTHON=/path/to/python3.12        Another place: make test VENV=/tmp/venv

VENV   ?= .venv
PYTHON ?=
BENCH  ?=
SCREENSHOTS ?=
DEMO   ?=

SHELL  := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --no-input install -qq
HASHED := $(PIP) --require-hashes --no-build-isolation
LOCK   := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
          --no-emit-index-url --no-header --no-annotate

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test check format test-spark bench frontend screenshots schema messages lock clean java

help:  ## list these targets
	@sed -nE 's/^([a-z-]+):.*## (.*)/\1\t\2/p' Makefile | awk -F '\t' '{ printf "make %-11s %s\n", $$1, $$2 }'

demo: $(VENV)/.run $(VENV)/.frontend  ## a channel of 5,000 partners, and the application over it (DEMO=--no-serve: without)
	@$(BIN)/hanse demo $(DEMO)

test: check $(VENV)/.frontend  ## everything: the style, then the whole suite
	$(BIN)/pytest -n 2

check: $(VENV)/.test  ## the style: format, lint, types, import contracts, tidy tests
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	HANSE_SECRET_KEY=style $(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/pytest -q tests/tidy tests/docs

format: $(VENV)/.test  ## put the code in order
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

test-spark: java $(VENV)/.spark  ## the same answers on Spark (wants Java 17)
	SPARK_LOCAL_IP=127.0.0.1 $(BIN)/pytest -m spark

bench: $(VENV)/.test  ## every benchmark in bench/ (options in BENCH, for instance BENCH="--partners 10000")
	@for file in $(sort $(wildcard bench/[a-z]*.py)); do echo "== $$file"; $(BIN)/python $$file $(BENCH); done

frontend: $(VENV)/.frontend  ## the style sheet and the scripts of the pages (wants Node 20 or later, or fetches one)

screenshots: $(VENV)/.test $(VENV)/.frontend  ## pictures of every page, over the installation of make demo (wants Chromium)
	@PYTHONPATH=tests $(BIN)/python -m journeys.screenshots $(SCREENSHOTS)

schema: $(VENV)/.run  ## write the JSON Schema of an edition anew
	$(BIN)/python -m hanse.language.schema

messages: $(VENV)/.run  ## bring the French catalogue up to date with the messages in the code
	$(BIN)/python -m hanse.fronts.cli.messages

lock: $(BIN)/python  ## choose the newest allowed versions and write requirements/*.txt anew
	$(HASHED) -r requirements/lock.txt
	$(LOCK) --upgrade --group pyproject.toml:lock -o requirements/lock.txt
	$(LOCK) --upgrade pyproject.toml -o requirements/run.txt
	$(LOCK) --upgrade pyproject.toml --extra test -c requirements/run.txt -o requirements/test.txt
	$(LOCK) --upgrade pyproject.toml --extra spark -c requirements/test.txt -o requirements/spark.txt
	$(LOCK) --upgrade --group pyproject.toml:node -o requirements/node.txt
	$(LOCK) --upgrade --group pyproject.toml:build -c requirements/test.txt -o requirements/build.txt

clean:  ## take away the private environment, what was built and the caches
	rm -rf $(VENV) frontend/node_modules src/hanse/fronts/pages/static .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

# What the browser's files are made from: PurgeCSS keeps the classes that templates and pages name.
FRONTEND := $(wildcard frontend/*.js frontend/*.mjs src/hanse/fronts/pages/style/*.css src/hanse/fronts/*/templates/*/*.html \
            $(addsuffix /*.py,src/hanse/fronts/pages src/hanse/fronts/pages/* src/hanse/fronts/portal src/hanse/fronts/desk))

# --- set-up: one stamp per set of packages; a changed list or pyproject.toml brings the set up to date ---

$(BIN)/python:
	@for python in $(or $(PYTHON),python3.13 python3.12 python3.11 python3); do \
	  if "$$python" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    echo "Setting up $(VENV) with $$("$$python" --version)"; "$$python" -m venv --clear $(VENV); exit; fi; done; \
	echo "No Python 3.11 or later with venv was found (tried: $(or $(PYTHON),python3.13 python3.12 python3.11 python3))." >&2; \
	echo "Install one (on Debian also its python3-venv), or name it: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11" >&2; exit 1

$(VENV)/.build: requirements/build.txt | $(BIN)/python
	@echo "Installing what builds packages"
	@$(HASHED) -r requirements/build.txt
	@touch $@

$(VENV)/.run: requirements/run.txt pyproject.toml $(VENV)/.build
	@echo "Installing Hanse and what it runs on"
	@$(HASHED) -r requirements/run.txt
	@$(PIP) --no-deps --no-index --no-build-isolation --editable .
	@touch $@

$(VENV)/.test: requirements/test.txt $(VENV)/.run
	@echo "Installing what the tests need"
	@$(HASHED) -r requirements/test.txt
	@touch $@

$(VENV)/.node: frontend/package.json frontend/package-lock.json requirements/node.txt | $(BIN)/python
	@if ! { node -e 'process.exit(+(process.versions.node.split(".")[0] < 20))' && npm --version; } >/dev/null 2>&1; then \
	  echo "No Node 20 or later here; installing one into $(VENV)"; $(HASHED) -r requirements/node.txt; fi
	@echo "Installing what the pages need in a browser"
	@PATH="$(abspath $(BIN)):$$PATH" npm ci --prefix frontend --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

$(VENV)/.frontend: $(VENV)/.node $(FRONTEND)
	@echo "Bundling the style sheet and the scripts of the pages"
	@PATH="$(abspath $(BIN)):$$PATH" node frontend/build.mjs
	@touch $@

$(VENV)/.spark: requirements/spark.txt $(VENV)/.test
	@echo "Installing PySpark (a large download)"
	@$(HASHED) -r requirements/spark.txt
	@touch $@

java:
	@java=$${JAVA_HOME:+$$JAVA_HOME/bin/}java; \
	version=$$({ "$$java" -version 2>&1 || true; } | sed -nE 's/.* version "([0-9]+).*/\1/p'); \
	if [ "$${version:-0}" -lt 17 ]; then \
	  echo "Spark wants Java 17 or later; $${version:+only version }$${version:-none} was found." >&2; \
	  echo "Install it (Debian: apt-get install openjdk-17-jre-headless), or set JAVA_HOME to one." >&2; exit 1; fi
