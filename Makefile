# Every target is one call of a script in .ci/, so that people and CI run the same thing.
.PHONY: help setup demo run test test-fast e2e-clients score lint fmt bench crash fuzz shim wheels tarball deb packages homebrew check clean

help:      ## show this list
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  make \1	\2/p' $(MAKEFILE_LIST)
setup:     ## virtual environment with everything in it
	@.ci/setup
demo:      ## real daemon, real shim, recorded calls of all three clients, a table of verdicts
	@.ci/demo
run:       ## the daemon in the foreground, decisions scrolling by
	@.ci/serve
test:      ## all tests but deep profiles and real clients
	@.ci/test
test-fast: ## unit, golden and protocol tests
	@.ci/test-fast
e2e-clients: ## the real Claude Code, Gemini CLI and Codex CLI against a scripted model (npm installs them)
	@.ci/e2e-clients
score:     ## measure on labelled commands: make score CORPUS=DIR
	@.ci/score $(CORPUS)
lint:      ## format check, ruff, mypy, import contracts, rules
	@.ci/lint
fmt:       ## format the code
	@.ci/fmt
bench:     ## latency, throughput, memory, start
	@.ci/bench
crash:     ## kill the daemon 200 times under load; no answered call may be missing from the log
	@.ci/crash $(KILLS)
fuzz:      ## property tests with the deep profile
	@.ci/fuzz
shim:      ## compile the shim alone
	@$(MAKE) -C shim
wheels:    ## source archive, and wheels for Linux and macOS on x86-64 and arm64, into dist/
	@.ci/wheels
tarball:   ## a directory that needs no Python, packed for Linux, in dist/
	@.ci/tarball
deb:       ## a Debian package of the same, in dist/
	@.ci/deb
packages:  ## both, tried in a bare Debian without Python (root; debootstrap makes it once)
	@.ci/packages
homebrew:  ## the source archive and the Homebrew recipe for it, in dist/
	@.ci/homebrew
check:     ## all that CI runs
	@.ci/run
clean:     ## remove what the above made
	rm -rf .venv build dist shim/build
