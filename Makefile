# make lab    sets everything up and opens the course in JupyterLab
# make test   sets everything up and runs every test
#
# Both need Python 3.11 or newer, and nothing else. All that is installed goes into .venv/.

PYTHONS = python3 python3.13 python3.12 python3.11 python3.14 python
PYTHON = .venv/bin/python

LAB = $(PYTHON) -m jupyterlab --ServerApp.ip=127.0.0.1 \
	--LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb --LabApp.news_url=None \
	--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate \
	--LabApp.extension_manager=readonly $(if $(filter 0,$(shell id -u)),--allow-root)

# JupyterLab would ask a newcomer whether it may fetch news, on top of the first chapter.
SETTINGS = .venv/share/jupyter/lab/settings
QUIET = mkdir -p $(SETTINGS) && echo '{"@jupyterlab/apputils-extension:notification": \
	{"fetchNews": "false", "checkForUpdates": false}}' > $(SETTINGS)/overrides.json

# pip alone would compile all that it installs on one core, and the tests of numpy and others, too.
# What is not Python 3 does no harm.
INSTALL = $(PYTHON) -m pip install --quiet --no-compile -c constraints.txt -e
COMPILE = { $(PYTHON) -m compileall -qq -j 0 -x '/tests/' .venv/lib || true; }

.PHONY: help lab test soak bench figures films screenshots notebooks exercises clean

help:
	@sed -n 's/^# \(make .*\)/\1/p' Makefile

lab: .venv/lab
	$(LAB)

# A hundred kernels and other processes import the package, and four the tests, all at once: let the
# first of them compile it, and one process the tests.
test: export PYTHONDONTWRITEBYTECODE =
test: .venv/test
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m ruff check .
	$(PYTHON) -m mypy & types=$$!; \
	test -d tests/__pycache__ || $(PYTHON) -m pytest --collect-only >/dev/null; \
	$(PYTHON) -m pytest --numprocesses=4 --dist=loadfile && wait $$types

# make soak       runs 2,000 random scenarios with everything that can go wrong
soak: .venv/test
	$(PYTHON) -m consensus_lab.testing.soak

# make bench      measures how fast it is
bench: .venv/test
	$(PYTHON) -m benchmarks

# make figures    draws the pictures in img/ anew
figures: .venv/test
	$(PYTHON) -m consensus_lab.views.figures img

# make films      films the live view for the README (needs chromium)
films: .venv/test
	$(PYTHON) -m tests.views.films img

# make screenshots  takes pictures of every view, for you to look at (needs chromium)
screenshots: .venv/test
	$(PYTHON) -m tests.views.screenshots artefacts

# make notebooks  runs all chapters and solutions anew and makes the exercises from these
notebooks: .venv/test
	$(PYTHON) -m consensus_lab.testing.notebooks notebooks/*.ipynb solutions/*.ipynb
	$(PYTHON) -m consensus_lab.testing.exercises

# make exercises  makes the exercises from the solutions
exercises: .venv/test
	$(PYTHON) -m consensus_lab.testing.exercises

# make clean      removes what these commands made, .venv/ too
clean:
	rm -rf .venv artefacts build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis

.venv/lab: .venv/made pyproject.toml constraints.txt
	@echo "Installing what the course needs into .venv/ (a minute or two) ..."
	@$(INSTALL) ".[lab]" && $(COMPILE)
	@touch $@

.venv/test: .venv/made pyproject.toml constraints.txt
	@echo "Installing what the tests need into .venv/ (a minute or two) ..."
	@$(INSTALL) ".[lab,test]" && $(COMPILE)
	@touch $@ .venv/lab

.venv/made:
	@for python in $(PYTHONS); do \
		if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
			echo "$$python -m venv .venv"; \
			$$python -m venv .venv && $(QUIET) && touch $@ && exit 0; \
			rm -rf .venv; \
			echo "Python's module venv does not work here; on Debian: apt install python3-venv." >&2; \
			exit 1; \
		fi; \
	done; \
	echo "Consensus Lab needs Python 3.11 or newer, and found none on the PATH." >&2; \
	exit 1
