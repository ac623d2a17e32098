# A short front for Meson and Ninja.  `make` builds, and never installs; `make analyze` and
# `make test` do all their set-up first.
BUILD ?= build
CC ?= cc
export CC
SANITIZE = -Db_sanitize=address,undefined -Db_lundef=false

all: $(BUILD)/build.ninja
	@ninja -C $(BUILD) --quiet

# What the main job needs: no tests, no benchmarks.
program: $(BUILD)/build.ninja
	@ninja -C $(BUILD) --quiet plait plait-audit

$(BUILD)/build.ninja:
	@command -v meson >/dev/null || \
	    { echo "plait: meson is missing; tools/setup installs what is needed" >&2; exit 2; }
	@meson setup $(BUILD) $(OPTIONS) >/dev/null

setup:
	@tools/setup

# The main job: every known threat against our own endpoint, then against this machine's kernel.
analyze: setup
	@$(MAKE) --no-print-directory program
	@tools/analyze $(BUILD)/plait $(ARGS)

# All tests: gcc, clang, and gcc with ASan and UBSan.
test: setup
	@tools/run-tests

# One configuration, for daily work.
check: all
	@tools/run-tests $(BUILD)

sanitized:
	@$(MAKE) --no-print-directory BUILD=build-sanitized OPTIONS="$(SANITIZE) -Doptimization=1" all

# 100,000 random scenarios of our endpoint; all cells again and again, idle and with every core
# busy; over each device, and as an ordinary user; tests that take long; 50 transfers flattened; a million half-open joins.  Takes an hour and a
# half; `make test` takes some hundreds, and one cell of each threat.
soak: all
	@$(BUILD)/tests/scenario/scenario --seed 1000000 --count 100000
	@$(BUILD)/tests/scenario/scenario --basic --seed 1000000 --count 100000
	@$(BUILD)/tests/audit/audit-scenarios --seed 1000000 --count 10000
	@tests/lab/soak.py $(BUILD)/plait
	@tests/lab/agree.py $(BUILD)/plait --all
	@meson test -C $(BUILD) --no-rebuild --print-errorlogs --suite long
	@tests/flatten/test_flatten.py $(BUILD)/plait-audit $(BUILD)/plait \
	    $(BUILD)/tests/flatten/transfers --count 50
	@$(BUILD)/bench/endpoint/bench-endpoint floods 1000000

# Our host against this machine's kernel: the whole matrix, some minutes; writes docs/INTEROP.md.
interop: setup
	@$(MAKE) --no-print-directory all
	@tools/interop-table $(BUILD) --write $(ARGS)

# Benchmarks print ratios to peers of the same run; no test asserts wall time.
bench: all
	@tools/bench-table $(BUILD)

# The programs with their libraries, for machines where they are not installed (docs/KERNEL.md).
bundle: all
	@tools/bundle $(BUILD)/plait $(BUILD)/plait-audit $(BUILD)/plait-bundle.tar.gz

format:
	@git ls-files '*.c' '*.h' | xargs clang-format -i

clean:
	@rm -rf build build-*

.PHONY: all program setup analyze test check sanitized soak interop bench bundle format clean
