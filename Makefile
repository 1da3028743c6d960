# The door to everything: continuous integration calls these targets and nothing else.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
SWIFT ?= swift
SEED ?=
FUZZ_SECONDS ?= 20
# 0 draws a new one per run
FUZZ_SEED ?= 0
FUZZ_TARGETS := FuzzYAML FuzzTestFile FuzzGlob FuzzDecisionTable FuzzImage FuzzRecord FuzzEvent
RELEASE := .build/release/armorc

.PHONY: help demo build release test test-full check fmt vm bench fuzz static docs docs-check vm-kills setup clean

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

setup: ## Install what is missing (apt)
	@scripts/setup build

demo: setup ## Install what is missing, build, then lint, build and verify examples/
	@echo "building armorc (a minute or two the first time) ..."
	@$(SWIFT) build -c release --product armorc $(QUIET)
	@scripts/demo $(RELEASE)

build: setup ## Debug build of everything
	$(SWIFT) build

release: setup ## Release build of the command
	$(SWIFT) build -c release --product armorc

test: setup ## All tests
	@mkdir -p .build
	@$(SWIFT) test 2>&1 | tee .build/test.log || { echo "what failed:"; grep -E "✘|error:" .build/test.log | tail -40; exit 1; }

test-full: setup ## 100,000 events for each of 300 pairs of policies, and a million through the compiled matcher, in a release build
	@$(SWIFT) build -c release --build-tests $(FULL) $(QUIET)
	ARMORC_FULL=1 $(SWIFT) test -c release --skip-build $(FULL) --filter SubjectComparisonTests.regionsAreTheDifference
	ARMORC_FULL=1 $(SWIFT) test -c release --skip-build $(FULL) --filter "CompiledMatcherTests|ImageMutationTests"

check: setup ## Formatting, rules of the house, generated docs, short fuzz runs
	@scripts/check
	@scripts/matcher-check
	@$(MAKE) --no-print-directory docs-check
	@$(MAKE) --no-print-directory fuzz FUZZ_SEED=1

fmt: ## Format all Swift files in place
	$(SWIFT) format -i --configuration .swift-format -r Package.swift Sources Tests Benchmarks

vm: ## Decisions of real kernels under AppArmor and BPF (qemu, ten minutes)
	@scripts/setup build vm
	@Tests/VM/run.sh
	@Tests/VM/Matcher/run.sh
	@Tests/VM/Profiles/run.sh
	@Tests/VM/Node/run.sh

vm-kills: ## 200 loads killed in a real kernel, per enforcer and kernel (hours)
	@scripts/setup build vm
	@$(MAKE) --no-print-directory static
	@ARMORC=.build/static/armorc PARTS=kills ROUNDS=200 Tests/VM/Node/run.sh
	@ARMORC=.build/static/armorc CHECKS=kills ROUNDS=200 Tests/VM/Profiles/run.sh

bench: ## Figures beside a baseline of the same run
	@scripts/setup build vm
	@Benchmarks/run.sh

fuzz: setup ## libFuzzer targets, FUZZ_SECONDS each
	@scripts/fuzz $(FUZZ_SECONDS) $(FUZZ_SEED) $(FUZZ_TARGETS)

static: setup ## One fully static binary: .build/static/armorc
	$(SWIFT) build -c release --product armorc --scratch-path .build/static-build --static-swift-stdlib -Xswiftc -static-executable \
	  -Xlinker --gc-sections -Xlinker --icf=safe
	@mkdir -p .build/static
	@cp .build/static-build/release/armorc .build/static/armorc
	@strip .build/static/armorc
	@ls -l .build/static/armorc | awk '{printf "static binary: .build/static/armorc, %.1f MB\n", $$5 / 1e6}'
	@.build/static/armorc --version

docs: ## Write the pages that are made from the sources
	@$(SWIFT) build --product armorc $(QUIET)
	@.build/debug/armorc rule --write docs/rules

docs-check:
	@$(SWIFT) build --product armorc $(QUIET)
	@.build/debug/armorc rule --check docs/rules

clean: ## Remove everything that was built
	rm -rf .build out

# A folder of its own: the flag that tests need would build everything anew for each of the two.
FULL := --scratch-path .build/full -Xswiftc -enable-testing
QUIET := 2>&1 | { grep -E "error:|warning:" || true; }
