# tests.mk - what `make check` and its sisters run. Included by Makefile.
#
# A unit test is tests/unit/ROOM/test_NAME.c, linked with its room's objects
# (all but its main) and the ground's archive.

UNIT_ROOMS = core keeper supervisor compressor classifier notify feeder cmd
UNIT_SRC = $(foreach r,$(UNIT_ROOMS),$(wildcard tests/unit/$(r)/test_*.c))
UNIT = $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(UNIT_SRC))

ROOM_core =
ROOM_keeper = $(call objects,$(filter-out %/keeper.c,$(KEEPER_SRC)))
ROOM_supervisor = $(call objects,$(filter-out %/main.c,$(SUPERVISOR_SRC)))
ROOM_compressor = $(call objects,$(filter-out %/compressor.c,$(COMPRESSOR_SRC)))
ROOM_classifier = $(call objects,$(filter-out %/main.c,$(CLASSIFIER_SRC)))
ROOM_notify = $(call objects,$(filter-out %/main.c,$(NOTIFIER_SRC)))
ROOM_feeder = $(call objects,$(filter-out %/main.c,$(FEEDER_SRC)))
ROOM_cmd = $(call objects,$(filter-out %/main.c,$(CMD_SRC)))
INCLUDE_core =
INCLUDE_keeper = -iquote supervisor
INCLUDE_compressor = -iquote supervisor -iquote tests/unit/core
INCLUDE_cmd = -iquote jobs/cmd
INCLUDE_hub = -iquote jobs/hub
UNIT_LIBS_core = jansson libpcre2-8 libseccomp $(CODECS) -lstdc++
UNIT_LIBS_keeper =
UNIT_LIBS_supervisor = $(LIBS_jobwatch-supervisor) $(CODECS)
UNIT_LIBS_compressor = $(LIBS_jobwatch-compressor)
UNIT_LIBS_classifier = $(LIBS_jobwatch-classifier)
UNIT_LIBS_notify = $(LIBS_jobwatch-notifier)
UNIT_LIBS_feeder =
UNIT_LIBS_cmd = $(LIBS_jobwatch)
unit_links = $(filter -l%,$(1)) $(call libs,cmocka $(filter-out -l%,$(1)))

define unit_room
$(BUILD)/unit/$(1)/%: tests/unit/$(1)/%.c $$(ROOM_$(1)) $(CORE) $(FLAGS_STAMP)
	@mkdir -p $$(@D)
	$$(call say,UNIT)$$(CC) $$(CPPFLAGS_ALL) $$(INCLUDE_$(1)) -iquote jobs/core \
	    $$(CFLAGS_ALL) $$(LDFLAGS_ALL) -MMD -MP -o $$@ $$< $$(ROOM_$(1)) \
	    $(CORE) $$(call unit_links,$$(UNIT_LIBS_$(1))) -lm
endef
$(foreach r,$(UNIT_ROOMS),$(eval $(call unit_room,$(r))))
-include $(UNIT:=.d)

.PHONY: unit
unit: $(UNIT) $(MODEL)

# The store's property test: the writer and the compressor in one program, with
# the shim that fails their system calls linked in.
PROPERTY_SRC = $(wildcard tests/fault/property/*.c) tests/fault/shim.c
INCLUDE_tests/fault =
INCLUDE_tests/fault/property = -iquote tests/fault/property \
    -iquote tests/fault -iquote supervisor -iquote jobs/core
PROPERTY = $(BUILD)/fault/property

$(PROPERTY): $(call objects,$(PROPERTY_SRC)) $(ROOM_supervisor) \
    $(ROOM_compressor) $(CORE) $(FLAGS_STAMP)
	@mkdir -p $(@D)
	$(call say,LINK)$(CC) $(LDFLAGS_ALL) -o $@ $(filter %.o,$^) $(CORE) \
	    $(call libs,libevent_core jansson libseccomp $(CODECS)) -lm

.PHONY: property
property: $(PROPERTY)

# The set-up part comes first, as a make of its own: there may be nothing to
# build with before it.
.PHONY: check
check: test-deps
	$(MAKE) all unit property
	$(PYTHON) tests/run_all.py --build $(BUILD) $(TESTS)

# Static, the two runtimes share their options: with its own copy, the second
# writes its reports where nobody looks.
.PHONY: check-san
check-san: test-deps
	$(MAKE) SAN=address,undefined LDFLAGS="-static-libasan -static-libubsan" \
	    all unit
	$(PYTHON) tests/run_all.py --build build/san-address-undefined \
	    --only unit --only e2e

.PHONY: check-valgrind
check-valgrind: test-deps
	$(MAKE) BUILD=build/valgrind CPPFLAGS=-DCONFINE_OFF all unit
	$(PYTHON) tests/run_all.py --build build/valgrind --only valgrind

.PHONY: test-deps bench-deps
test-deps:
	@contrib/deps.sh test
bench-deps:
	@contrib/deps.sh bench

.PHONY: boundaries
boundaries: all
	$(PYTHON) tests/check/boundaries.py --bin $(BIN)

FAULT_KILLS ?= 320
FAULT_HISTORIES ?= 10000
.PHONY: fault
fault: all property
	JOBWATCH_BIN=$(abspath $(BIN)) $(PYTHON) tests/fault/campaign.py \
	    --kills $(FAULT_KILLS)
	$(PROPERTY) --histories $(FAULT_HISTORIES)
	JOBWATCH_BIN=$(abspath $(BIN)) $(PYTHON) tests/fault/store.py

.PHONY: bench
bench: bench-deps all
	JOBWATCH_BIN=$(abspath $(BIN)) $(PYTHON) tests/bench/bench.py

.PHONY: demo
demo: deps
	$(MAKE) all
	@JOBWATCH_BIN=$(abspath $(BIN)) contrib/demo/demo.sh

.PHONY: help
help:
	@sed -n '2,/^$$/s/^# \{0,1\}//p' Makefile
