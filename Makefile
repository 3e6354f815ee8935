# `make serve` and `make test` set up everything they need in .venv, from Python 3.11 or later with venv.

.POSIX:
.DEFAULT_GOAL := help
.PHONY: help serve test lint format coverage bench lock clean

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input install --quiet --only-binary :all:
EDITABLE := $(BIN)/python -m pip --disable-pip-version-check --no-input install --quiet --no-deps --no-build-isolation --editable .
# The wheel for Python 3.12 holds a redis-server that depends on no Python, so later ones take it too.
REDIS := if $(BIN)/python -c 'import platform, sys; sys.exit(sys.version_info < (3, 13) or platform.machine() != "x86_64")'; then \
	$(PIP) --require-hashes --no-deps --upgrade --python-version 3.12 --implementation cp --abi cp312 \
	--platform manylinux2014_x86_64 --target "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')" \
	-r requirements-redis.lock; fi
COMPILE := .venv/uv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header
# Further arguments for pytest, for example: make test PYTEST_ARGS='tests/unit -k patient'
PYTEST_ARGS :=

help:
	@echo 'make serve      serve FHIR on http://127.0.0.1:8000/fhir'
	@echo 'make test       run all tests'
	@echo 'make lint       check style, types and imports'
	@echo 'make format     settle the style'
	@echo 'make coverage   run all tests and report what they miss'
	@echo 'make bench      measure, and print the results'
	@echo 'make lock       renew the locked dependencies'
	@echo 'make clean      remove what was made here, but for the data'

serve: .venv/serve.stamp
	@exec $(BIN)/neonpro serve

test: .venv/dev.stamp
	$(BIN)/python -m pytest $(PYTEST_ARGS)

lint: .venv/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/dev.stamp
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

coverage: .venv/dev.stamp
	$(BIN)/python -m pytest --cov --cov-report=term --cov-report=html $(PYTEST_ARGS)

bench: .venv/dev.stamp
	$(BIN)/python -m tools.bench

lock: .venv/uv/bin/uv
	$(COMPILE) pyproject.toml -o requirements.lock
	$(COMPILE) pyproject.toml -c requirements.lock --group dev -o requirements-dev.lock
	$(COMPILE) --group build -c requirements-dev.lock -o requirements-build.lock
	$(COMPILE) --group redis -c requirements.lock --no-deps -o requirements-redis.lock

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage* htmlcov build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A name on the path proves nothing: it may be a stub, too old, or come without venv. So each candidate is asked.
.venv/bin/python:
	@for python in python3.13 python3.12 python3.11 python3; do \
		if $$python -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
			exec $$python -m venv .venv; \
		fi; \
	done; \
	echo 'Python 3.11 or later with its venv module is needed (on Debian and Ubuntu: python3-venv).' >&2; \
	exit 1

.venv/serve.stamp: requirements.lock requirements-build.lock requirements-redis.lock pyproject.toml | .venv/bin/python
	@echo 'Installing what the server needs into .venv'
	@$(PIP) --require-hashes -r requirements.lock -r requirements-build.lock
	@$(REDIS)
	@$(EDITABLE)
	@touch $@

.venv/dev.stamp: requirements-dev.lock requirements-redis.lock pyproject.toml | .venv/bin/python
	@echo 'Installing what tests and checks need into .venv'
	@$(PIP) --require-hashes -r requirements-dev.lock
	@$(REDIS)
	@$(EDITABLE)
	@touch $@

.venv/uv/bin/uv: | .venv/bin/python
	$(BIN)/python -m venv .venv/uv
	.venv/uv/bin/python -m pip --disable-pip-version-check install --quiet uv
