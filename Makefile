# gateproof. `make help` lists the targets; `make demo` and `make test` need only Python 3.11, make and a network.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN    := .venv/bin
CASES  ?= ../shared/cases

.DEFAULT_GOAL := help
.PHONY: help demo test check conformance bench interop admission peers docs screenshot lock clean

help: ## This list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

.venv/core: requirements/core.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "gateproof needs Python 3.11 or newer; set PYTHON=…")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/core.txt
	@printf '%s\n' "$(CURDIR)/src" > "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/gateproof-src.pth"
	@printf '#!/bin/sh\nexec "%s/python" -m gateproof "$$@"\n' "$(CURDIR)/$(BIN)" > $(BIN)/gateproof && chmod +x $(BIN)/gateproof
	@$(BIN)/python -m compileall -q src
	@touch $@

.venv/dev: .venv/core requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@

demo: .venv/core ## Install, and take the example service through a blocked change, its fix, a waiver, proof and answer
	@examples/payments/demo

test: .venv/dev ## Install, and run all tests
	$(BIN)/python -m pytest -n auto --dist worksteal

check: .venv/dev ## Lint, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

conformance: .venv/dev ## The corpora of other projects in $(CASES): identical, refused, wrong
	@GATEPROOF_CASES=$(CASES) $(BIN)/python tests/conformance/run.py

bench: .venv/dev ## Ratios against peers, measured in one run (tools/bench_table.py puts them into the README)
	@$(BIN)/python benchmarks/run.py

interop: .venv/dev ## The same questions put to the real peers that are built in .peers; the others are skipped
	$(BIN)/python -m pytest tests/interop -rsx

admission: .venv/dev ## A transcript of admission with a real API server (make peers builds it)
	@$(BIN)/python tools/admission_transcript.py

peers: ## Build the real peers (opa, conftest, cosign, kyverno …) at pinned versions into .peers; about 30 minutes
	tools/peers

docs: .venv/dev ## Regenerate the reference pages, schemas, pack index and transcripts
	$(BIN)/python tools/docs.py

screenshot: demo ## The README's picture of the demo's answer (needs Chromium: apt-get install chromium)
	@tools/screenshot

lock: ## Rewrite the hash-locked requirements (needs uv)
	requirements/lock

clean: ## Remove what the other targets made
	rm -rf .venv .work build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
