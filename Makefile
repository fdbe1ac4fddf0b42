# make run    open Constella with a finished example on it
# make test   everything a change has to pass
# make check  format, lint, types and layers
.PHONY: run test test-slow check bench bench-more gpu gpu-wheels screenshots clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8501
ADDRESS ?= 127.0.0.1

run: $(VENV)/ready
	@$(BIN)/python -m engine example
	$(BIN)/python -m streamlit run server.py --server.port $(PORT) --server.address $(ADDRESS)

test: $(VENV)/ready-dev
	@scripts/chromium.sh
	@scripts/postgres.sh
	@# Processes of one thread: these trainings are small, and a second thread that waits for the first costs more than it gives.
	@# Compiled files are kept even where the environment says otherwise: every process that a test starts reads them.
	PYTHONDONTWRITEBYTECODE= OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m "not slow and not cuda" -n auto --no-loadscope-reorder

test-slow: $(VENV)/ready-dev
	@scripts/chromium.sh
	@scripts/postgres.sh
	$(BIN)/python -m pytest -m "slow or cuda"

check: $(VENV)/ready-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q tests/test_layers.py

# Speed: beside ClustPy, beside the machine's limit, and as data grow. An hour on two cores; nothing else should run.
bench: $(VENV)/ready-dev
	$(BIN)/python -m benchmarks.same_recipe
	$(BIN)/python -m benchmarks.limit
	$(BIN)/python -m benchmarks.growth
	$(BIN)/python scripts/methods_table.py

# Accuracy of the defaults, the page, k-means: what else the README and the cards claim.
bench-more: $(VENV)/ready-dev
	@scripts/chromium.sh
	$(BIN)/python -m benchmarks.fidelity --data optdigits
	$(BIN)/python -m benchmarks.page
	$(BIN)/python -m benchmarks.map
	$(BIN)/python -m benchmarks.kmeans
	$(BIN)/python scripts/methods_table.py

# What needs a GPU, in 8 minutes on a large one. Needs Python and PyTorch there, and the folder .gpu that gpu-wheels fills.
OUT ?= benchmarks/results
GPU_PYTHON ?= python3
gpu:
	$(GPU_PYTHON) -m benchmarks.gpu --out $(OUT)

# The packages and data that `make gpu` takes along, for the Python of the machine with the GPU.
GPU_PYTHON_VERSION ?= 3.12
PLATFORMS := $(foreach n,2_28 2_27 2_24 2_17 2014 1,--platform manylinux$(if $(findstring _,$(n)),_)$(n)_x86_64)
gpu-wheels:
	mkdir -p .gpu/wheels .gpu/data
	$(PYTHON) -m pip download --quiet --no-deps --only-binary=:all: --python-version $(GPU_PYTHON_VERSION) --implementation cp \
		$(PLATFORMS) -d .gpu/wheels -r benchmarks/requirements-gpu.txt
	cp $${CONSTELLA_DATA:-../shared/data}/mnist.npz .gpu/data/

screenshots: $(VENV)/ready-dev
	@scripts/chromium.sh
	$(BIN)/python -m scripts.screenshots

$(VENV)/ready: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Constella needs Python 3.11 or newer, and $(PYTHON) is $$($(PYTHON) -V 2>&1). Name another: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || \
		{ echo "The environment $(VENV) cannot be made: install Python's venv module (on Debian: apt-get install python3-venv)."; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt || \
		{ echo "A package could not be installed: is a package index reachable from here?"; exit 1; }
	@touch $@

$(VENV)/ready-dev: $(VENV)/ready requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt || \
		{ echo "A package could not be installed: is a package index reachable from here?"; exit 1; }
	@touch $@

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache build *.egg-info
