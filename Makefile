# SPDX-License-Identifier: GPL-2.0
#
# dcryptfs: the module, the programs, and everything that checks them. All that
# is built lands in build/; the tree stays clean. `make help` says what there is.

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:

# The kernel to build for: a release, or a short name such as 6.12.
KVER ?=
# 1: a module that tests itself when it is loaded.
SELFTEST ?= 0
# Restricts the kernel cases: a short name, a case or an area of cases, a lower
# filesystem.
K ?=
CASE ?=
LOWER ?=
# In a debug kernel: only the cases in which allocations of memory fail, so many
# times as long.
FAULTS ?=
DEBUG_K ?= 6.12-debug
# A built xfstests checkout; which of its tests; on the lower filesystem itself.
XFSTESTS ?=
TESTS ?=
GROUP ?=
BARE ?=
# By what the benchmark's guest runs that is measured by the clock, and on what device,
# whose content is lost; its systems.
ACCEL ?=
DEV ?=
SYSTEMS ?=

TOP := $(CURDIR)
BUILD := $(TOP)/build
export SELFTEST

K_OPTION = $(foreach k,$(K),-k $(k)) $(foreach l,$(LOWER),--lower $(l))
userspace = $(MAKE) --no-print-directory -C userspace O=$(BUILD)

.PHONY: all
all: programs module

.PHONY: help
help:
	@sed -n 's/^## //p' $(firstword $(MAKEFILE_LIST))

# -- building ----------------------------------------------------------------

## make [KVER=R]         the module and the programs; R is a release or 6.1, 6.12
## make module           build/R/dcryptfs.ko (SELFTEST=1: build/R-selftest/)
.PHONY: module
module:
	@tools/build-module $(KVER) SELFTEST=$(SELFTEST)

## make programs         build/bin/
.PHONY: programs
programs:
	@$(userspace) all

PROGS := $(patsubst tests/progs/%.c,$(BUILD)/tests/%,$(wildcard tests/progs/*.c))
PROG_CFLAGS := -std=gnu11 -O2 -g -Wall -Wextra -Werror -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64

.PHONY: test-programs
test-programs: $(PROGS)
	@$(userspace) forge

$(BUILD)/tests/%: tests/progs/%.c $(wildcard tests/progs/*.h) | $(BUILD)/tests
	$(CC) $(PROG_CFLAGS) -o $@ $< $(PROG_LIBS)

$(BUILD)/tests/aio%: PROG_LIBS := -laio -luring
$(BUILD)/tests/iobench: PROG_LIBS := -laio -luring
$(BUILD)/tests/partsfs: PROG_LIBS = $(shell pkg-config --cflags --libs fuse3)

$(BUILD)/tests:
	@mkdir -p $@

## make deb              the Debian packages: build/deb/
.PHONY: deb
deb:
	@tools/deps
	@tools/deb

## make deps             install the Debian packages that all of this needs
.PHONY: deps
deps:
	@tools/deps

# -- checking ----------------------------------------------------------------

## make check            every test: unit tests, fuzzing, kernel cases on all kernels
.PHONY: check
check:
	@tests/check

## make check-unit       the unit tests of the programs
.PHONY: check-unit
check-unit:
	@tests/check unit

## make fuzz             the programs' parsers under libFuzzer [FUZZ_SECONDS=60]
.PHONY: fuzz
fuzz:
	@$(userspace) fuzz

## make check-kernel     the kernel cases [K=6.12] [CASE=area/name] [LOWER=xfs]
.PHONY: check-kernel
check-kernel:
	@tests/run $(K_OPTION) $(CASE)

## make check-all        every test, and the kernel cases on every lower filesystem
.PHONY: check-all
check-all:
	@tests/check unit fuzz package runner all

## make check-debug      the kernel cases in a kernel with KASAN, lockdep and kmemleak
##                       [CASE=area/name] [LOWER=xfs] [FAULTS=1: without memory]
.PHONY: check-debug
check-debug:
ifneq ($(FAULTS),)
	@FAULTS=$(FAULTS) tests/run -k $(DEBUG_K) --faults $(K_OPTION) $(CASE)
else ifneq ($(CASE)$(LOWER),)
	@tests/run -k $(DEBUG_K) $(K_OPTION) $(CASE)
else
	@tests/check debug
endif

## make check-deb        the Debian packages are built, held against lintian, installed,
##                       used and removed; all is compiled for that
.PHONY: check-deb
check-deb:
	@tests/package/run --whole

## make check-xfstests XFSTESTS=DIR  tests of the xfstests that you have built in DIR
##                       [K=6.12] [LOWER=xfs] [TESTS="generic/001 ..." | GROUP=quick,rw]
##                       [BARE=1: on the lower filesystem itself]
.PHONY: check-xfstests
check-xfstests:
	@XFSTESTS=$(XFSTESTS) tests/xfstests/run $(K_OPTION) $(if $(BARE),--bare) $(if $(GROUP),-g $(GROUP)) $(TESTS)

## make shell            a shell in a guest with the module loaded [K=6.12]
.PHONY: shell
shell:
	@tests/run $(K_OPTION) --shell

## make demo             the main job, step by step, in a stock kernel [K=6.12]
.PHONY: demo
demo:
	@tests/demo/run $(K)

## make bench            dcryptfs beside other encryption, in instructions and by the clock:
##                       text, JSON and charts in build/bench/ [K=6.12] [ACCEL=kvm|tcg]
##                       [SYSTEMS=ext4,dcryptfs] [DEV=/dev/...: an empty one]
.PHONY: bench
bench:
	@BENCH_ACCEL=$(ACCEL) BENCH_DEV=$(DEV) BENCH_SYSTEMS=$(SYSTEMS) tests/bench/run $(K)

## make bench-page       what `make bench` measured last, into Documentation/performance.md
.PHONY: bench-page
bench-page:
	@tests/bench/run --page $(K)

## make bench-quick      instructions per operation, of a few systems [K=6.12]
.PHONY: bench-quick
bench-quick:
	@BENCH_SYSTEMS=$(SYSTEMS) tests/bench/run --quick $(K)

## make lint             warnings, sparse, shellcheck: anything found fails
.PHONY: lint
lint:
	@tools/lint

# -- installing --------------------------------------------------------------

## make install          [KVER=R] [DESTDIR=D] the module, the programs, the PAM module, the manuals
.PHONY: install
install: programs
	@tools/install-module "$(DESTDIR)" $(KVER)
	@$(userspace) install install-pam DESTDIR=$(DESTDIR)

## make clean            remove build/
.PHONY: clean
clean:
	rm -rf build
