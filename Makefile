# make run     start a whole Peygir here        make setup   all it needs, into .venv
# make test    every test, by two workers       make lint    every rule a machine can check
# make bench   how fast, in ratios              make soak 30 the crash test for 30 minutes
# Only python 3.11 or later and make are needed. Every path is relative, so that the folder may
# have a space or any letter in its name.

VENV := .venv/bin/python
STAMP := .venv/setup.stamp
# A virtual environment holds its own path: where the folder was moved or copied it is made anew.
$(shell [ "$$(cat .venv/place 2>/dev/null)" = "$$(pwd -P)" ] || rm -f $(STAMP))

ifeq (soak,$(firstword $(MAKECMDGOALS)))
MINUTES ?= $(or $(wordlist 2,2,$(MAKECMDGOALS)),30)
$(eval $(wordlist 2,2,$(MAKECMDGOALS)):;@:)
endif

.PHONY: setup run test lint bench soak lock dashboards

setup: $(STAMP)

$(STAMP): requirements.lock pyproject.toml deploy/kafka/jars.sha256
	@python=$$(sh deploy/find-python.sh) || exit 3; \
	[ "$$(cat .venv/place 2>/dev/null)" = "$$(pwd -P)" ] && [ -x $(VENV) ] || \
	{ echo "making .venv with $$python"; "$$python" -m venv --clear .venv; }
	@echo "installing what requirements.lock names"
	@$(VENV) -m pip install --quiet --require-hashes -r requirements.lock
	@$(VENV) -m pip install --quiet --no-deps --no-build-isolation -e .
	@$(VENV) -W ignore -m services.embedded
	@pwd -P > .venv/place
	@touch $(STAMP)

run: setup
	@.venv/bin/peygir up || [ $$? -eq 130 ] # Ctrl-C is how it is meant to end.

test: setup
	@$(VENV) -m pytest -n 2 --max-worker-restart 0

lint: setup
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/lint-imports
	@.venv/bin/pyright --pythonpath $(VENV)
	@.venv/bin/peygir schemas check

bench: setup
	@$(VENV) -m tests.bench

soak: setup
	@$(VENV) -m tests.crash $(MINUTES)

# For who changes a dashboard or a rule: some are made by code, and Kubernetes has rules of its own.
dashboards: setup
	@$(VENV) -m deploy.prometheus
	@$(VENV) -m deploy.grafana

# For who changes a dependency; needs uv (`pip install uv`).
lock:
	uv pip compile pyproject.toml --extra dev --extra tracing --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-annotate \
	  --custom-compile-command "make lock" --output-file requirements.lock
