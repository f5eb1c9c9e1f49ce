# The house, room by room. `make` alone lists what there is.
# Needs make, git and Python 3.11, 3.12 or 3.13; everything else goes into .venv.

BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest
NBVAL := --nbval --nbval-current-env --nbval-sanitize-with tests/nbval_sanitize.cfg
WITHOUT_BROWSER := --doctest-modules --ignore=tests/browser src book/extensions tests
INSTALL = python=$$(sh tools/find-python) && "$$python" tools/install.py
# What tests the book and its tools, which nobody promises for old versions.
NOT_AT_FLOORS := src/downslope/_sphinx_exercises.py src/downslope/_sphinx_progress.py \
    src/downslope/sphinx_ext.py tests/browser tests/every_control.py tests/test_binder.py \
    tests/test_chapters_in_torch.py tests/test_classroom.py tests/test_ebook.py \
    tests/test_elsewhere.py tests/test_every_control.py tests/test_house.py tests/test_lessons.py \
    tests/test_notebooks_tool.py tests/test_page_exercises.py tests/test_paper.py \
    tests/test_readme.py tests/test_reference.py tests/test_sphinx_ext.py tests/test_states.py \
    tests/test_teaching.py tests/test_way_in.py tests/test_words.py
STUDENTS := 10
CHAPTER := 4
PORT := 0
PAGE := file://$(CURDIR)/_build/html/index.html

export PYTHON CHROMIUM
unexport DOWNSLOPE_BAKE
# A debugger's advice and pip's news are not for readers.
export PYDEVD_DISABLE_FILE_VALIDATION := 1

# Several programs at a time: on arrays as small as these, threads would only get in each other's way.
book offline pdf epub lite try-lite elsewhere links check test floors notebooks: \
    export OPENBLAS_NUM_THREADS := 1

.PHONY: help book lab serve offline pdf epub lite try-lite elsewhere classroom links check test \
    floors notebooks bench clean reader tester browser style build build-beside units pages
ifndef BESIDE # two things at a time only where it is asked for: most of these share .venv or _build
.NOTPARALLEL:
endif
.DEFAULT_GOAL := help

help: ## this list
	@echo "Downslope: how neural networks learn. Targets:"
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

book: reader build ## build the book, warnings are errors; prints where the page is
	@echo "The book is at $(PAGE)"

lab: reader ## open JupyterLab on the chapters
	@echo "Opening JupyterLab on chapters/ (stop it with Ctrl+C)"
	@$(BIN)/python -m jupyterlab chapters

serve: book ## build the book and serve it at http://127.0.0.1:8000
	@echo "Serving at http://127.0.0.1:8000 (stop it with Ctrl+C)"
	@$(BIN)/python -m http.server --bind 127.0.0.1 --directory _build/html 8000

offline: book ## the built book as one zip that opens from disk
	@$(BIN)/python tools/offline.py

pdf: reader ## the whole book as one PDF to print, answers at the back
	@$(INSTALL) tools/paper/requirements.txt .venv-paper
	@.venv-paper/bin/python tools/browser.py
	@echo "Building the book for paper; chapters run as they are read"
	@$(BIN)/python tools/paper_build.py paper
	@echo "Printing"
	@.venv-paper/bin/python tools/paper/press.py

epub: reader ## the whole book as an e-book, checked by epubcheck where that is installed
	@$(INSTALL) tools/paper/requirements.txt .venv-paper
	@.venv-paper/bin/python tools/browser.py
	@echo "Building the book for e-readers; chapters run as they are read"
	@$(BIN)/python tools/ebook.py

lite try-lite: export DOWNSLOPE_LITE := yes
lite: book ## the notebooks as they run in a browser, beside the built book
	@$(INSTALL) tools/lite/requirements.txt .venv-lite
	@echo "Building the notebooks for a browser"
	@$(BIN)/python tools/lite/build.py

try-lite: lite tester browser ## run every chapter in a browser, from top to bottom
	@echo "Running the notebooks in a browser"
	@DOWNSLOPE_TRY_LITE=yes $(PYTEST) -q -s tests/browser/lite

elsewhere: tester browser ## run every chapter where readers may: old and newest versions, Colab, the zip, Binder
	@echo "Running the chapters in fresh environments, two at a time"
	@PYTHONPATH=book/extensions $(BIN)/python tools/elsewhere.py
	@echo "Running chapter 4 in Notebook and JupyterLab"
	@DOWNSLOPE_TRY_ELSEWHERE=yes $(PYTEST) -q -s tests/browser/elsewhere

classroom: ## teach a class on this machine: a JupyterHub, 10 students, chapter 4 (STUDENTS=30 CHAPTER=8)
	@$(INSTALL) tools/classroom/requirements.txt .venv-classroom
	@.venv-classroom/bin/python tools/classroom/classroom.py \
	    --students $(STUDENTS) --chapter $(CHAPTER) --port $(PORT)

check: tester style ## what needs no book: style, types, units, properties, doctests, stored outputs
	@echo "Running unit and property tests, and the examples in the documentation"
	@$(PYTEST) -q -n 2 -m "not slow" $(WITHOUT_BROWSER)

test: tester style browser ## everything: that, every chapter, the built pages in a browser
	@$(MAKE) --no-print-directory -j 2 BESIDE=yes build-beside units
	@$(MAKE) --no-print-directory pages

floors: ## the tests of src at the oldest versions that it claims to run with; needs Python 3.11
	@$(INSTALL) tests/floors.txt .venv-floors
	@echo "Testing src at its floors"
	@.venv-floors/bin/python -m pytest -q -n 2 -m "not slow and not book" --doctest-modules \
	    $(addprefix --ignore=,$(NOT_AT_FLOORS)) src tests

links: reader ## ask every other site that the book links to whether it is there; needs a network
	@echo "Asking; chapters run as they are read"
	@mkdir -p _build/links && rm -rf _build/links/_build/html
	@$(BIN)/jupyter-book build --builder linkcheck --path-output _build/links . \
	    >_build/links/said.txt 2>&1 || true
	@$(BIN)/python tools/links.py

notebooks: reader ## run the chapters and store their outputs in normal form, text only
	@echo "Running the chapters"
	@$(BIN)/python tools/notebooks.py

bench: tester ## measure what the design promises, and print it beside its budget
	@echo "Measuring (close other programs first)"
	@$(BIN)/python benchmarks/run.py

clean: ## remove everything that these commands made
	@echo "Removing .venv and those beside it, _build and caches"
	@rm -rf .venv .venv-classroom .venv-floors .venv-lite .venv-paper _build
	@rm -rf .mypy_cache .pytest_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

reader:
	@$(INSTALL) requirements.txt

tester:
	@$(INSTALL) tests/requirements.txt

browser:
	@$(BIN)/python tools/browser.py

style:
	@echo "Looking at style, types and stored outputs"
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/python tools/notebooks.py --check

build:
	@echo "Building the book; chapters run as they are read"
	@$(BIN)/jupyter-book build -W -n --keep-going .

build-beside:
	@mkdir -p _build
	@$(MAKE) --no-print-directory build >_build/said.txt 2>&1 || { cat _build/said.txt; exit 1; }

units:
	@echo "Running the tests that need no book, and every cell of every chapter; the book is built beside"
	@$(PYTEST) -q -n 2 $(NBVAL) $(WITHOUT_BROWSER) chapters

pages:
	@echo "Reading the built book in a browser"
	@$(PYTEST) -q -n 3 tests/browser
