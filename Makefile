# jobwatch - build, tests and set-up. GNU make.
#
#   make          all programs, under build/bin
#   make check    installs what the tests need, builds, runs all tests
#   make demo     a training job, watched, with a receiver for its alert
#   make deps     the packages to build with (apt; nothing when present)
#   make fault    the kill campaign, in full      make bench   the figures
#   make model LOGS=   trains the classifier's prior on labelled logs
#   make install DESTDIR= PREFIX=/usr/local       make fmt     clang-format
#
# SAN=address,undefined builds into build/san-… with sanitizers;
# MINIMAL=1 builds without the optional packages, whether present or not;
# WERROR=1 turns warnings into errors (CI does).

SHELL = /bin/bash
PREFIX ?= /usr/local
LIBEXEC = $(PREFIX)/libexec/jobwatch
PYTHON ?= /usr/bin/python3

comma := ,
VARIANT := $(if $(SAN),/san-$(subst $(comma),-,$(SAN)))$(if $(MINIMAL),/minimal)
BUILD ?= build$(VARIANT)
BIN = $(BUILD)/bin
OBJ = $(BUILD)/obj

# The set-up targets must work before there is anything to build with.
SETUP_GOALS := deps test-deps bench-deps demo check fmt clean help
ifeq ($(filter-out $(SETUP_GOALS),$(or $(MAKECMDGOALS),all)),)
  SETUP_ONLY := 1
endif

NEEDED = libevent libcurl jansson libseccomp libpcre2-8 zlib sqlite3
OPTIONAL = libhs libzstd libpq
PKG_CONFIG ?= pkg-config

ifndef SETUP_ONLY
  MISSING := $(shell for p in $(NEEDED); do \
      $(PKG_CONFIG) --exists $$p 2>/dev/null || echo $$p; done; \
      $(PKG_CONFIG) --exists tomlplusplus 2>/dev/null || \
      test -e /usr/include/toml++/toml.h || echo tomlplusplus)
  ifneq ($(strip $(MISSING)),)
    $(error cannot build without: $(MISSING); "make deps" installs them)
  endif
  HAVE := $(if $(MINIMAL),,$(shell for p in $(OPTIONAL); do \
      $(PKG_CONFIG) --exists $$p 2>/dev/null && echo $$p; done))
  LACK := $(filter-out $(HAVE),$(OPTIONAL))
endif

CC = gcc
CXX = g++
OPTIMIZE ?= -O2
DEBUG ?= -g
WARN = -Wall -Wextra -Wshadow -Wformat=2 -Wvla -Wundef -Wimplicit-fallthrough
WARN_C = -Wstrict-prototypes -Wmissing-prototypes -Wwrite-strings
HARDEN = -fstack-protector-strong -fstack-clash-protection -fcf-protection \
    -fPIE -ffunction-sections -fdata-sections $(if $(SAN),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
COMMON = $(OPTIMIZE) $(DEBUG) $(WARN) $(HARDEN) -fno-common \
    $(if $(WERROR),-Werror) $(if $(SAN),-fsanitize=$(SAN) \
    -fno-omit-frame-pointer -fno-sanitize-recover=undefined)
CPPFLAGS_ALL = -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 \
    $(if $(filter libhs,$(HAVE)),-DHAVE_HYPERSCAN=1) \
    $(if $(filter libzstd,$(HAVE)),-DHAVE_ZSTD=1) \
    $(if $(filter libpq,$(HAVE)),-DHAVE_LIBPQ=1) $(CPPFLAGS)
CFLAGS_ALL = -std=gnu17 $(COMMON) $(WARN_C) $(CFLAGS)
CXXFLAGS_ALL = -std=gnu++17 $(COMMON) $(CXXFLAGS)
LDFLAGS_ALL = -pie -Wl,-z,relro,-z,now,-z,noexecstack,--as-needed,--gc-sections \
    $(if $(SAN),-fsanitize=$(SAN)) $(LDFLAGS)
libs = $(shell $(PKG_CONFIG) --libs $(1))

# A folder sees itself and the ground, no other room.
INCLUDE_jobs/core = -iquote jobs/core
INCLUDE_jobs/cmd = -iquote jobs/cmd -iquote jobs/core
INCLUDE_jobs/hub = -iquote jobs/hub -iquote jobs/core
INCLUDE_feeder = -iquote feeder -iquote jobs/core
INCLUDE_supervisor = -iquote supervisor -iquote jobs/core
INCLUDE_classifier = -iquote classifier -iquote jobs/core
INCLUDE_notify = -iquote notify -iquote jobs/core

CORE_SRC = $(wildcard jobs/core/*.c) $(wildcard jobs/core/*.cc)
CMD_SRC = $(wildcard jobs/cmd/*.c)
HUB_SRC = $(wildcard jobs/hub/*.c)
KEEPER_SRC = $(wildcard supervisor/keeper*.c)
COMPRESSOR_SRC = $(wildcard supervisor/compressor*.c)
SUPERVISOR_SRC = $(filter-out $(KEEPER_SRC) $(COMPRESSOR_SRC), \
    $(wildcard supervisor/*.c))
FEEDER_SRC = $(wildcard feeder/*.c)
CLASSIFIER_SRC = $(wildcard classifier/*.c)
NOTIFIER_SRC = $(wildcard notify/*.c)

objects = $(patsubst %,$(OBJ)/%.o,$(basename $(1)))
CORE = $(BUILD)/libcore.a

PROGRAMS = jobwatch jobwatch-keeper jobwatch-supervisor jobwatch-classifier \
    jobwatch-notifier jobwatch-compressor jobwatch-feeder jobwatch-hub
SOURCES_jobwatch = $(CMD_SRC)
SOURCES_jobwatch-keeper = $(KEEPER_SRC)
SOURCES_jobwatch-supervisor = $(SUPERVISOR_SRC)
SOURCES_jobwatch-classifier = $(CLASSIFIER_SRC)
SOURCES_jobwatch-notifier = $(NOTIFIER_SRC)
SOURCES_jobwatch-compressor = $(COMPRESSOR_SRC)
SOURCES_jobwatch-feeder = $(FEEDER_SRC)
SOURCES_jobwatch-hub = $(HUB_SRC)
# V=1 shows the commands whole.
say = @$(if $(V),,echo "  $(1)	$@";)

# The link line is the boundary: what is not here cannot be used.
CODECS = zlib $(filter libzstd,$(HAVE))
LIBS_jobwatch = jansson libpcre2-8 $(CODECS) -lstdc++
LIBS_jobwatch-keeper =
LIBS_jobwatch-supervisor = libevent_core jansson
LIBS_jobwatch-classifier = jansson libpcre2-8 libseccomp $(CODECS)
LIBS_jobwatch-notifier = libevent_core libcurl jansson libseccomp libcrypto
LIBS_jobwatch-compressor = libseccomp $(CODECS)
LIBS_jobwatch-feeder =
LIBS_jobwatch-hub = jansson

# jobs/core is one archive; a program links only the members that it names.
LINK_LIBS = $(if $(filter -l%,$(LIBS_$(1))),$(filter -l%,$(LIBS_$(1)))) \
    $(if $(filter-out -l%,$(LIBS_$(1))),$(call libs,$(filter-out -l%,$(LIBS_$(1)))))

.PHONY: all
all: $(addprefix $(BIN)/,$(PROGRAMS)) $(BIN)/python/sitecustomize.py report

.PHONY: report
report: $(addprefix $(BIN)/,$(PROGRAMS))
	@$(if $(LACK),echo "built without: $(LACK) (optional; see README.md)")

# Trains what the classifier ships; no program of the family.
MODEL = $(BUILD)/model/jobwatch-model
MODEL_SRC = $(wildcard classifier/model/*.c)
INCLUDE_classifier/model = -iquote classifier/model -iquote classifier \
    -iquote jobs/core

define program
$(BIN)/$(1): $(call objects,$(SOURCES_$(1))) $(CORE)
	@mkdir -p $$(@D)
	$$(call say,LINK)$$(CC) $$(LDFLAGS_ALL) -o $$@ $$(filter %.o,$$^) $(CORE) \
	    $$(call LINK_LIBS,$(1)) -lm
endef
$(foreach p,$(PROGRAMS),$(eval $(call program,$(p))))

$(MODEL): $(call objects,$(MODEL_SRC) $(filter-out %/main.c,$(CLASSIFIER_SRC))) \
    $(CORE)
	@mkdir -p $(@D)
	$(call say,LINK)$(CC) $(LDFLAGS_ALL) -o $@ $(filter %.o,$^) $(CORE) \
	    $(call LINK_LIBS,jobwatch-classifier) -lm

.PHONY: model
model: $(MODEL)
	@test -n "$(LOGS)" || { echo "make model LOGS=FOLDER (docs/prior.md)"; \
	    exit 2; }
	$(MODEL) $(LOGS) classifier/prior_weights.inc

$(CORE): $(call objects,$(CORE_SRC))
	@rm -f $@
	$(call say,AR)ar rcs $@ $^

$(BIN)/python/sitecustomize.py: contrib/python/sitecustomize.py
	@mkdir -p $(@D)
	cp $< $@

# .incbin is not seen by -MMD.
$(OBJ)/jobs/cmd/starters.o: $(wildcard contrib/policies/*.toml)

# Recompiles when the flags change, too.
FLAGS_STAMP = $(BUILD)/flags
FLAGS_NOW = $(CC) $(CFLAGS_ALL) $(CPPFLAGS_ALL) $(LDFLAGS_ALL)
ifndef SETUP_ONLY
  $(shell mkdir -p $(BUILD); echo '$(FLAGS_NOW)' | \
      cmp -s - $(FLAGS_STAMP) || echo '$(FLAGS_NOW)' > $(FLAGS_STAMP))
endif

$(OBJ)/%.o: %.c $(FLAGS_STAMP)
	@mkdir -p $(@D)
	$(call say,CC)$(CC) $(CPPFLAGS_ALL) $(INCLUDE_$(patsubst %/,%,$(dir $<))) \
	    $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

$(OBJ)/%.o: %.cc $(FLAGS_STAMP)
	@mkdir -p $(@D)
	$(call say,CXX)$(CXX) $(CPPFLAGS_ALL) $(INCLUDE_$(patsubst %/,%,$(dir $<))) \
	    $(CXXFLAGS_ALL) -MMD -MP -c -o $@ $<

-include $(shell find $(OBJ) -name '*.d' 2>/dev/null)

# ---------------------------------------------------------------- tests

-include tests/tests.mk

# ------------------------------------------------------- set-up and care

.PHONY: deps
deps:
	@contrib/deps.sh build

.PHONY: install
install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(LIBEXEC)/python
	install -m 755 $(BIN)/jobwatch $(DESTDIR)$(PREFIX)/bin/
	install -m 755 $(filter-out $(BIN)/jobwatch,$(addprefix $(BIN)/,$(PROGRAMS))) \
	    $(DESTDIR)$(LIBEXEC)/
	install -m 644 $(BIN)/python/sitecustomize.py $(DESTDIR)$(LIBEXEC)/python/

.PHONY: fmt
fmt:
	clang-format -i $$(git ls-files '*.c' '*.h' '*.cc')

.PHONY: clean
clean:
	rm -rf build
