# Each target first sets up .venv. A new user needs only `make crawl` and `make test`.

BIN := .venv/bin
STORE ?= demo
CASES ?= 20000
# Twice as many as cores: a crawl of the tests waits half of its time.
WORKERS ?= $(shell expr 2 \* $$(getconf _NPROCESSORS_ONLN))

# If Python may not write bytecode beside the source, every process would compile all its imports again.
ifneq ($(PYTHONDONTWRITEBYTECODE),)
export PYTHONPYCACHEPREFIX := $(CURDIR)/.venv/bytecode
unexport PYTHONDONTWRITEBYTECODE
endif

.PHONY: help crawl test check serve bench fuzz campaign lint
.DEFAULT_GOAL := help

help:
	@echo "make crawl [STORE=https://shop.example]   archive a store; without STORE, the built-in demo store"
	@echo "make serve                                read the archive in Datasette, on 127.0.0.1"
	@echo "make test                                 run the tests"
	@echo "make check                                style, types and the tests that start no process: under half a minute"
	@echo "make lint                                 check style and types"
	@echo "make bench                                measure the speed of the whole path"
	@echo "make fuzz [CASES=20000]                   read thousands of broken pages: none may crash or hang"
	@echo "make campaign [SCENARIOS=kills]           kills, faults and edits at length: the history must come out right"

crawl: .venv/.ready
	@$(BIN)/blogkeep crawl '$(STORE)'

test: .venv/.ready
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

check: lint
	@$(BIN)/python -m pytest -n auto --dist worksteal -m 'not integration'

serve: .venv/.ready
	@$(BIN)/blogkeep serve

bench: .venv/.ready
	@$(BIN)/python -m tests.bench

fuzz: .venv/.ready
	@$(BIN)/python -m tests.fuzz --cases '$(CASES)'

campaign: .venv/.ready
	@$(BIN)/python -m tests.campaign $(SCENARIOS)

lint: .venv/.ready
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

.venv/.ready: requirements-dev.txt deploy/setup.sh
	@sh deploy/setup.sh
