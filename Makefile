# mountlab from a fresh clone: `make lab` opens the first notebook, `make test` checks everything.
# Works with GNU make 3.81 (macOS) and newer.

VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check --no-input --quiet
PYTEST := $(PY) -m pytest
NBVAL := MOUNTLAB_PROGRESS=$(CURDIR)/$(VENV)/progress-of-tests.json $(PYTEST) --nbval --nbval-current-env
UV ?= uv
ARGS ?=

# Given on the command line (`make setup PYTHON=python3.12`), it is the only one tried.
PYTHON ?=
PYTHONS := $(or $(PYTHON),python3 /usr/bin/python3 python3.14 python3.13 python3.12 python3.11)

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup lab test test-setup lint types unit alone notebooks notebooks-kernel notebooks-uml notebook-uml test-long test-binder bench site slides wheel wheelhouse \
	binder-link lock clean FORCE

help:
	@echo "make setup      install everything into $(VENV) (again: does only what is missing)"
	@echo "make lab        set-up, then open the first notebook in JupyterLab"
	@echo "make test       set-up, then lint, types, tests and notebooks"
	@echo "make test-long  the same tests with many more random examples"
	@echo "make bench      the speed table, simulator beside kernel"
	@echo "make bench-classroom  how many learners this machine carries as a server (root, half an hour)"
	@echo "make site       the lessons as web pages that need no server: site/index.html"
	@echo "make slides     the lessons as slides that need no network: slides/index.html"
	@echo "make wheel      the package to install without a clone: dist/"
	@echo "make wheelhouse all that a classroom without network installs: wheelhouse/"
	@echo "make test-binder  build what Binder builds in a clean Debian, and run notebooks there (root, minutes)"
	@echo "make binder-link  the README's line that opens a clone's own repository on Binder"
	@echo "make lock       choose the pinned versions anew (needs uv)"
	@echo "make clean      remove $(VENV) and caches; your notebooks in work/ stay"

# --- Set-up -----------------------------------------------------------------------------------------

# Takes the first Python that will do, and says of the others why they will not.
define CHOOSE_PYTHON
for python in "$$@"; do
    command -v "$$python" >/dev/null || continue
    if ! "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        tried="$$tried  $$python is older than 3.11, or does not run\n"
    elif ! "$$python" -c 'import venv, ensurepip; ensurepip.version()' 2>/dev/null; then
        package=$$("$$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
        tried="$$tried  $$python has no venv; on Debian and Ubuntu: sudo apt-get install $$package\n"
    else
        echo "Making $(VENV) with $$("$$python" -V), $$(command -v "$$python")"
        exec "$$python" -m venv --clear "$(VENV)"
    fi
done
{
    echo "mountlab needs Python 3.11 or newer with its venv module, and found none."
    printf "$$tried"
    echo "Debian 12, Ubuntu 24.04:   sudo apt-get install python3-venv"
    echo "With a Python elsewhere:   make setup PYTHON=/path/to/python3"
} >&2
exit 1
endef
export CHOOSE_PYTHON

# A venv works in one place, with one Python. Where the clone was moved or that Python has gone, it is made anew.
MADE := $(VENV)/.made
ifneq ($(shell cat $(MADE) 2>/dev/null) $(shell $(PY) -c 'print("runs")' 2>/dev/null),$(CURDIR) runs)
$(MADE): FORCE
endif
$(MADE):
	@sh -c "$$CHOOSE_PYTHON" choose $(PYTHONS)
	@printf '%s\n' "$(CURDIR)" > $@

$(VENV)/.packages: $(MADE) binder/requirements.txt
	@echo "Installing JupyterLab and what it needs (half a minute, about 100 MB to download)"
	@$(PIP) install --require-hashes --no-deps -r binder/requirements.txt
	@touch $@

# Python code is used where it lies.  What JupyterLab loads is copied into $(VENV): after an edit, copied again.
COPIED := $(wildcard mountlab/labextension/* mountlab/labextension/static/* mountlab/*/*.js) binder/jupyterlab.json

$(VENV)/.setup: $(VENV)/.packages pyproject.toml $(COPIED)
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.test: $(VENV)/.setup tests/requirements.txt
	@echo "Installing the test tools"
	@$(PIP) install --require-hashes --no-deps -r tests/requirements.txt
	@touch $@

setup: $(VENV)/.setup
	@echo "mountlab is set up. Next: make lab"

lab: $(VENV)/.setup
	@$(PY) -m mountlab.lab $(ARGS)

# Pages of lessons that are no more must go.
site: $(VENV)/.setup
	@rm -rf site
	@$(PY) -m mountlab.site site

slides: $(VENV)/.setup
	@rm -rf slides
	@$(PY) -m mountlab.site.slides slides

# Source and wheel.  One wheel serves every Python and system: there is nothing to compile.
wheel: $(VENV)/.setup
	@rm -rf dist
	@$(PY) -m hatchling build -d dist

# For this Python and this kind of machine; pip checks each hash.
wheelhouse: wheel
	@rm -rf wheelhouse
	@$(PIP) download --require-hashes --no-deps --only-binary :all: --dest wheelhouse -r binder/requirements.txt
	@cp dist/*.whl binder/requirements.txt wheelhouse/
	@echo "In the classroom: python3 -m venv lab && lab/bin/pip install --no-index --find-links wheelhouse 'mountlab[lab]'"

# The one word that a fork changes in the README, taken from where the clone came from.
binder-link:
	@git remote get-url origin | sed -nE 's#^(https://|ssh://git@|git@)github\.com[:/]([^/]+/[^/]+)$$#\2#p' | sed 's#\.git$$##' \
	| { read -r repository || { echo "origin is not a repository on GitHub" >&2; exit 1; }; \
	    sed -nE "s#^(\[binder\]: .*/gh/)[^/]+/[^/]+/#\1$$repository/#p" README.md; }

# --- Tests ------------------------------------------------------------------------------------------

test: lint types unit alone notebooks notebooks-kernel notebook-uml

test-setup: $(VENV)/.test

lint: test-setup
	$(PY) -m ruff check

types: test-setup
	$(PY) -m mypy

unit: test-setup
	$(PYTEST) -n 2 -m "not slow and not alone" --hypothesis-profile=ci $(ARGS)

alone: test-setup
	$(PYTEST) -m "alone and not slow" --hypothesis-profile=ci $(ARGS)

notebooks: test-setup
	env -u MOUNTLAB_BACKEND $(NBVAL) notebooks

# The same saved outputs, from a real kernel.  Status 4 of `mountlab run`: it is not to be had here, with the reason.
define NOTEBOOKS_ON
	@echo 'host# true' | $(VENV)/bin/mountlab run --backend $(1) - >/dev/null; status=$$?; \
	if [ $$status -ne 4 ]; then \
	    echo "MOUNTLAB_BACKEND=$(1) $(NBVAL) $(2)"; MOUNTLAB_BACKEND=$(1) $(NBVAL) $(2); \
	elif [ -n "$$MOUNTLAB_REQUIRE" ]; then \
	    echo "MOUNTLAB_REQUIRE asks for $$MOUNTLAB_REQUIRE" >&2; exit 1; \
	else \
	    echo "The notebooks were not run with --backend $(1)."; \
	fi
endef

notebooks-kernel: test-setup
	$(call NOTEBOOKS_ON,kernel,notebooks)

# One of them in `make test`, all in `make test-long`: they take four minutes.
notebooks-uml: test-setup
	$(call NOTEBOOKS_ON,uml,notebooks)

notebook-uml: test-setup
	$(call NOTEBOOKS_ON,uml,notebooks/02-mount-namespaces.ipynb)

test-long: test-setup
	$(PYTEST) -n 2 -m "not alone" --hypothesis-profile=long $(ARGS)
	$(PYTEST) -m alone --hypothesis-profile=long $(ARGS)
	$(MAKE) notebooks-uml

# Debian's packages and the pinned wheels are downloaded: about ten minutes.
test-binder: test-setup
	MOUNTLAB_REQUIRE="$$MOUNTLAB_REQUIRE binder" $(PYTEST) -m binder tests/binder tests/packaging $(ARGS)

bench: test-setup
	$(PY) -m tests.bench $(ARGS)

# Thirty learners and more against a hub on this machine: root, half an hour, and MOUNTLAB_CLASSROOM as in .ci/run.
bench-classroom: test-setup
	$(PY) -m tests.hub.bench $(ARGS)

# --- Upkeep -----------------------------------------------------------------------------------------

# One resolution for all Pythons and systems; nothing younger than a week; the tests get the lab's versions.
COMPILE := $(UV) pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest \
	--exclude-newer '7 days' --generate-hashes --no-annotate --no-header --no-emit-index-url --upgrade
# What builds the package; and later argon2-cffi-bindings have no wheel for Intel Macs, which may have no compiler.
BESIDES := printf '%s\n' hatchling 'argon2-cffi-bindings<26'

lock:
	@command -v $(UV) >/dev/null || { echo "make lock needs uv: pip install uv, or make lock UV=/path/to/uv" >&2; exit 1; }
	$(BESIDES) | $(COMPILE) --extra lab pyproject.toml - -o binder/requirements.txt
	$(BESIDES) | $(COMPILE) --extra lab --extra hub -c binder/requirements.txt pyproject.toml - -o binder/hub-requirements.txt
	$(BESIDES) | $(COMPILE) --extra lab --extra hub --extra classroom -c binder/hub-requirements.txt pyproject.toml - -o deploy/classroom/requirements.txt
	$(BESIDES) | $(COMPILE) --extra lab --extra test -c binder/requirements.txt pyproject.toml - -o tests/requirements.txt

clean:
	rm -rf $(VENV) dist wheelhouse site slides .ci/artefacts .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find mountlab tests -name __pycache__ -type d -prune -exec rm -rf {} +
