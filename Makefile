# CareLead: every command a newcomer, a developer or CI needs. `make help` lists them.
SHELL := /bin/sh
VENV  := .venv
BIN   := $(VENV)/bin
UV    := $(shell command -v uv 2>/dev/null || echo .uv/bin/uv)
READY := $(VENV)/.ready
PATHS := shared services deploy tests
# What starts, kills and freezes whole services has the machine to itself; all other tests share two processes.
STORIES := tests/e2e tests/faults
PACKAGES := shared services/intake services/scoring services/notifications deploy/local deploy/cli

.DEFAULT_GOAL := help
.PHONY: help demo test check style fmt smoke bench screenshots contracts lock up down clean

help: ## list the commands
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

demo: $(READY) ## start everything with sample patients; Ctrl-C stops it
	@$(BIN)/carelead demo

smoke: $(READY) ## play the three stories on an isolated stack, check every step, stop
	@$(BIN)/carelead smoke

test: $(READY) ## all tests, against a real Kafka and a real PostgreSQL
	@failed=0; \
	$(BIN)/pytest -q -n 2 $(STORIES:%=--ignore=%) || failed=1; \
	$(BIN)/pytest -q $(STORIES) || failed=1; \
	exit $$failed

check: style ## style, types, boundaries, contracts, unit tests: some minutes
	@$(BIN)/pytest -q -n 2 tests/unit tests/test_house_rules.py

style: $(READY) ## the part of check that runs no test: style, types, boundaries, contracts
	@$(BIN)/ruff check $(PATHS)
	@$(BIN)/ruff format --check --quiet $(PATHS)
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/python -m care_shared.contracts.export --check
	@$(BIN)/python -m care_cli.configuration --check
	@$(BIN)/python -m care_intake.adapters.conformance_document --check
	@$(BIN)/python -m care_notifications.api.openapi_document --check
	@$(BIN)/python -m care_scoring.policy_document --check
	@$(BIN)/python -m care_scoring.rule_document --check

fmt: $(READY) ## format and sort
	@$(BIN)/ruff check --fix --quiet $(PATHS) || true
	@$(BIN)/ruff format --quiet $(PATHS)

bench: $(READY) ## measure: scoring beside stock Faust, latency, intake, parsers; prints JSON
	@$(BIN)/python -m tests.benchmarks

screenshots: $(READY) ## draw every page at desktop and phone width, light and dark, into .screenshots/
	@$(BIN)/python -m tests.screenshots

contracts: $(READY) ## write from the code: JSON Schemas, AsyncAPI, OpenAPI, conformance page, configuration reference, shipped policy, rule book
	@$(BIN)/python -m care_shared.contracts.export
	@$(BIN)/python -m care_cli.configuration
	@$(BIN)/python -m care_intake.adapters.conformance_document
	@$(BIN)/python -m care_notifications.api.openapi_document
	@$(BIN)/python -m care_notifications.fhir.integrators_document
	@$(BIN)/python -m care_scoring.policy_document
	@$(BIN)/python -m care_scoring.rule_document

lock: ## resolve all dependencies anew into requirements.lock
	@PATH="$(CURDIR)/.uv/bin:$$PATH" deploy/lock.sh

up: ## the same with Docker: build and start the containers
	@deploy/secrets.sh && docker compose up --build --wait

down: ## stop the containers
	@docker compose down

clean: ## remove the virtual environment and caches (data of demo: carelead reset)
	@rm -rf $(VENV) .uv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

# uv is fetched into .uv when the machine has none; nothing is installed outside this folder.
.uv/bin/uv:
	@python3 -m venv .uv && .uv/bin/pip install --quiet --disable-pip-version-check uv

# The lock is installed with hashes; then our own packages, which need nothing more.
$(READY): requirements.lock $(PACKAGES:%=%/pyproject.toml) | $(filter .uv/bin/uv,$(UV))
	@echo "installing into $(VENV) …"
	@test -x $(BIN)/python || $(UV) venv --quiet --python-preference only-system --python ">=3.11" $(VENV)
	@$(UV) pip sync --quiet --require-hashes --python $(BIN)/python requirements.lock
	@$(UV) pip install --quiet --no-deps --no-build-isolation --python $(BIN)/python $(PACKAGES:%=-e %)
	@touch $@
