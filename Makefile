# The front door. Everything below sets up what it needs by itself; all that has to be there is Python 3.11+ and make.

PYTHON ?= python3
BIN := .venv/bin
WORKERS ?= auto
UV = $(shell command -v uv || echo .tools/bin/uv)

.DEFAULT_GOAL := help
.PHONY: help setup peers demo demo-slack test check format lint bench eval-model lock audit-dependencies sbom clean

help: ## Show what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-18s %s\n", $$1, $$2}'

setup: .venv/.ready ## Build the environment in .venv from the lock file; every hash is checked

.venv/.ready: pyproject.toml uv.lock .ci/bootstrap.txt
	@command -v uv >/dev/null || test -x .tools/bin/uv || { $(PYTHON) -m venv .tools && .tools/bin/pip install --quiet --disable-pip-version-check --require-hashes --requirement .ci/bootstrap.txt; }
	@UV_PYTHON=$${UV_PYTHON:-$(PYTHON)} $(UV) sync --frozen --quiet --compile-bytecode
	@$(BIN)/python -m compileall -q bot skills integrations
	@touch $@

peers: tests/peers/node_modules/.ready ## Install the Slack-compatible server and the model server that tests talk to (needs npm)

tests/peers/node_modules/.ready: tests/peers/package-lock.json
	@if command -v npm >/dev/null; then npm ci --prefix tests/peers --silent --no-audit --no-fund && touch $@; \
	else echo "npm is not here: tests that need the Slack-compatible server or the model server will be skipped"; fi

demo: setup ## Try it in a terminal, in an embedded world (plays a story where there is no terminal)
	@if [ -t 0 ] && [ -t 1 ]; then $(BIN)/countersign --data .countersign/demo chat; else $(BIN)/countersign story; fi

demo-slack: setup peers ## The same world behind a Slack-compatible server, to be clicked in a browser
	@$(BIN)/countersign --data .countersign/demo-slack demo-slack

test: setup peers ## Run every test, on all cores (WORKERS=0 for one after the other)
	@$(BIN)/pytest --numprocesses $(WORKERS) --maxprocesses 8 --dist worksteal

lint: setup ## Formatting, lint, types and import contracts
	@$(BIN)/ruff format --check --quiet . || { echo "run: make format"; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports --no-cache >.venv/lint-imports.log 2>&1 || { cat .venv/lint-imports.log; exit 1; }

check: lint test ## What has to be green before a commit

format: setup ## Format and fix what can be fixed
	@$(BIN)/ruff format --quiet . && $(BIN)/ruff check --fix --quiet .

bench: setup peers ## Measure; prints JSON lines
	@$(BIN)/python -m tests.bench

eval-model: setup ## Measure the model that is configured: pass@1, pass^k, tokens, cost, time (K=3 runs of each request)
	@$(BIN)/python -m tests.evals.model $(or $(K),3)

lock: setup ## Write uv.lock anew from pyproject.toml, and the hashes of uv itself with it
	@$(UV) lock && $(UV) export --frozen --quiet --only-group bootstrap --no-emit-project --no-header --output-file .ci/bootstrap.txt

audit-dependencies: setup ## Ask the OSV database whether a dependency is known to be vulnerable (needs the network)
	@UV="$(UV)" .ci/audit-dependencies

sbom: setup ## Write dist/sbom.json: what is in the image, with hashes, as CycloneDX
	@mkdir -p dist
	@$(UV) export --frozen --quiet --no-default-groups --all-extras --preview-features sbom-export --format cyclonedx1.5 --output-file dist/sbom.json
	@echo "dist/sbom.json"

clean: ## Remove what was built and remembered here
	rm -rf .venv .tools .countersign dist tests/peers/node_modules
