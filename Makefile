# Each target first sets up .venv. A new user needs only `make crawl` and `make test`.

BIN := .venv/bin
STORE ?= demo
CASES ?= 20000
LINT = $(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy
# Thrice as many as cores: a process of the tests waits for half of its time, and with two a core
# 15 % stayed idle.
WORKERS ?= $(shell expr 3 \* $$(getconf _NPROCESSORS_ONLN))

# If Python may not write bytecode beside the source, every process would compile all its imports again.
ifneq ($(PYTHONDONTWRITEBYTECODE),)
export PYTHONPYCACHEPREFIX := $(CURDIR)/.venv/bytecode
unexport PYTHONDONTWRITEBYTECODE
endif

.PHONY: help crawl test check serve bench fuzz campaign attack lint lock sbom
.DEFAULT_GOAL := help

help:
	@echo "make crawl [STORE=https://shop.example]   archive a store; without STORE, the built-in demo store"
	@echo "make serve                                read the archive in Datasette, on 127.0.0.1"
	@echo "make test                                 run the tests"
	@echo "make check                                style, types and the tests that start no process, in short: a minute"
	@echo "make lint                                 check style and types"
	@echo "make bench                                measure the speed of the whole path"
	@echo "make fuzz [CASES=20000]                   read thousands of broken pages: none may crash or hang"
	@echo "make campaign [SCENARIOS=kills]           kills, faults and edits at length: the history must come out right"
	@echo "make attack [ATTACKS=patterns]            hostile stores, pages and visitors at length: each must hold"
	@echo "make lock                                 pin every library again, with hashes (needs uv)"
	@echo "make sbom                                 write sbom.json: what running needs, as CycloneDX"

crawl: .venv/.ready
	@$(BIN)/blogkeep crawl '$(STORE)'

test: .venv/.ready
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

# Side by side, for mypy uses one core.
check: .venv/.ready
	@{ $(LINT); } & lint=$$!; \
	$(BIN)/python -m pytest -n auto --dist worksteal --short -m 'not integration'; tests=$$?; \
	wait $$lint && exit $$tests

serve: .venv/.ready
	@$(BIN)/blogkeep serve $(if $(PORT),--port $(PORT))

bench: .venv/.ready
	@$(BIN)/python -m tests.bench

fuzz: .venv/.ready
	@$(BIN)/python -m tests.fuzz --cases '$(CASES)'

campaign: .venv/.ready
	@$(BIN)/python -m tests.campaign $(SCENARIOS)

attack: .venv/.ready
	@$(BIN)/python -m tests.attack $(ATTACKS)

LOCK := uv pip compile --quiet --universal --python-version 3.11 --no-header --no-annotate --generate-hashes

lock:
	@$(LOCK) pyproject.toml -o requirements.txt
	@$(LOCK) -c requirements.txt --extra cluster pyproject.toml -o requirements-cluster.txt
	@$(LOCK) -c requirements-cluster.txt --extra dev pyproject.toml -o requirements-dev.txt
	@$(LOCK) -c requirements-dev.txt deploy/requirements-build.in -o deploy/requirements-build.txt
	@$(LOCK) .ci/requirements.in -o .ci/requirements.txt
	@$(LOCK) --no-deps .ci/datasette-1.in -o .ci/datasette-1.txt

sbom: .ci/.venv/.ready
	@.ci/.venv/bin/cyclonedx-py requirements --pyproject pyproject.toml --mc-type application \
	    --output-reproducible -o sbom.json requirements.txt

.ci/.venv/.ready: .ci/requirements.txt .venv/.ready
	@$(BIN)/python -m venv --without-pip --clear .ci/.venv
	@$(if $(shell $(BIN)/python -m pip --version 2>/dev/null),$(BIN)/python,python3) -m pip --python .ci/.venv/bin/python \
	    install --quiet --require-hashes -r .ci/requirements.txt
	@touch $@

lint: .venv/.ready
	@$(LINT)

.venv/.ready: requirements-dev.txt deploy/setup.sh
	@sh deploy/setup.sh
