# The commands of the project; `make help` lists them.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
IN_VENV := .venv/bin
SETUP := $(PYTHON) bin/set_up.py
LOCK := $(IN_VENV)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	--custom-compile-command 'make lock'
# What the deployment check assumes; a secret of a production server is never here
DEPLOYED := DEBUG=no SALESOPS_DEMO=no SALESOPS_TLS=yes SECRET_KEY=for-the-deployment-check-only-9f8e7d6c5b4a39281706f5e4d3c2b1a0
ARGS ?=
# A test process for each core, unless ARGS says what to run: then one, or as many as it asks for with -n. No more than
# eight: the one PostgreSQL of all has 100 connections, and a given Redis 16 databases
SIDE_BY_SIDE := -n auto --maxprocesses=8 --dist=worksteal
ONLY ?=
TO ?= var/backups
KEEP ?=
FROM ?=

.DEFAULT_GOAL := help
.PHONY: help setup run test test-fast test-servers bench backup restore check format lock messages pictures

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install what `make run` needs, start nothing
	@$(SETUP)

run: ## install what is missing and start everything; PORT=8000 is the default; Ctrl-C stops
	@$(SETUP) && exec $(IN_VENV)/python -m salesops.run

test: ## run all tests, in a process for each core; ARGS="tests/orders -x" or "-n0" for pytest: one, unless -n asks for more
	@$(SETUP) --tests --browser && exec $(IN_VENV)/python -m pytest $(or $(ARGS),$(SIDE_BY_SIDE))

test-fast: ## run all tests but those in the browser and the slow ones
	@$(SETUP) --tests && exec $(IN_VENV)/python -m pytest -m 'not browser and not slow' $(or $(ARGS),$(SIDE_BY_SIDE))

test-servers: ## run the tests against Debian's PostgreSQL 15 and Redis 7, installed if need be as root; ARGS as above
	@$(SETUP) --tests --browser && exec $(IN_VENV)/python bin/test_servers.py $(or $(ARGS),$(SIDE_BY_SIDE))

bench: ## measure at a million deliveries, about 15 minutes; ONLY="page: inbox" for one row or those that begin so
	@$(SETUP) && exec $(IN_VENV)/python -m bench $(if $(ONLY),"$(ONLY)")

backup: ## back up database and files below TO=var/backups, while the product runs or not; KEEP=14 removes older ones
	@$(SETUP) && exec $(IN_VENV)/python -m salesops.backup back_up "$(TO)" $(if $(KEEP),--keep=$(KEEP))

restore: ## restore the backup FROM=folder into an empty database and folder, and verify the books
	@$(SETUP) && exec $(IN_VENV)/python -m salesops.backup restore_backup "$(FROM)"

check: ## check style, types, templates, imports, migrations, deployment settings and locks
	@$(SETUP) --tests
	$(IN_VENV)/ruff check .
	$(IN_VENV)/ruff format --check .
	$(IN_VENV)/mypy
	$(IN_VENV)/djlint --lint --quiet templates
	$(IN_VENV)/lint-imports
	DJANGO_SETTINGS_MODULE=salesops.settings_test $(IN_VENV)/python manage.py makemigrations --check --dry-run
	$(DEPLOYED) $(IN_VENV)/python manage.py check --deploy --fail-level WARNING
	@! grep -nE 'https?://|--(extra-)?index-url|--find-links' requirements*.txt
	@! grep -n '"resolved"' package-lock.json

format: ## let ruff sort imports and lay out the code
	@$(SETUP) --tests
	$(IN_VENV)/ruff check --fix-only .
	$(IN_VENV)/ruff format .

lock: ## compile requirements*.in into requirements*.txt, and package.json into its lock
	@$(SETUP) --tests
	$(LOCK) requirements.in -o requirements.txt
	$(LOCK) requirements-dev.in -o requirements-dev.txt
	$(LOCK) requirements-node.in -o requirements-node.txt
	npm install --package-lock-only --ignore-scripts

messages: ## collect the texts of the code into locale/, and compile what is translated (needs gettext)
	$(IN_VENV)/python manage.py makemessages -l zh_Hans --no-obsolete --add-location file -i .venv -i node_modules -i var -i tests
	$(IN_VENV)/python manage.py compilemessages -l zh_Hans

pictures: ## take the pictures of docs/pictures from the demo company running on PORT (8000)
	@$(SETUP) --tests --browser && $(IN_VENV)/python bin/take_pictures.py http://127.0.0.1:$${PORT:-8000}
