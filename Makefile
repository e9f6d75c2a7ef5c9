# Builds Taller. 'make help' lists the targets; the libraries are the business of src/deps, the
# generated sources of src/tools/tools.mk, the tests of tests/tests.mk.

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules
ifeq ($(MAKELEVEL)$(filter -j%,$(MAKEFLAGS)),0)
MAKEFLAGS += -j$(shell nproc)
endif
Q := $(if $(V),,@)

# The libraries ------------------------------------------------------------------------------------
# Whether they are up to date is decided by what describes them, not by dates: the stamp's name holds
# a sum over the recipes, so a fresh clone and a shared build/third-party both know where they stand.
include src/deps/flags.mk
sum       = $(firstword $(shell cat $(addprefix src/deps/,$(1)) | sha256sum))
UNPACKED := $(TP)/.unpacked-$(call sum,lock unpack.sh)
DEPS     := $(TP)/.built-$(call sum,lock unpack.sh build.mk flags.mk $(notdir $(sort $(wildcard src/deps/*.[ch]))))
LIBS     := $(addprefix $(TP)/lib/lib,mbedtls.a sodium.a sqlite3.a cjson.a qrencode.a)
# What reads and writes pictures is Debian's own, the archives of its development packages: of this
# machine's, or for FOREIGN=arm64 (with its CC, AR, OBJCOPY) those that src/deps/lock.arm64 pins.
FOREIGN  ?=
PICTURES  = $(foreach l,jpeg png16 webp z,\
    $(if $(FOREIGN),$(TP)/lib/lib$(l).a,$(shell $(CC) -print-file-name=lib$(l).a)))

$(DEPS): | build-tools
	@[ -e $(UNPACKED) ] || { echo "  GET   libraries" && rm -f $(TP)/.unpacked-* && \
	    src/deps/unpack.sh $(TP) $(FOREIGN) && touch $(UNPACKED); }
	@$(MAKE) --no-print-directory -f src/deps/build.mk
	@rm -f $(TP)/.built-* && touch $@

.PHONY: build-tools
build-tools:
	@src/deps/packages.sh check build

# Generated sources --------------------------------------------------------------------------------
# tools.mk names them in GEN_C and GEN_H and has their rules.
SRC_C := $(shell find src -name '*.c' -not -path 'src/tools/*' -not -path 'src/deps/*' | sort)
GEN_C :=
GEN_H := build/gen/version.h
-include src/tools/tools.mk

OBJCOPY ?= objcopy

# Rewritten only when the commit changed.
VERSION := 0.1.0
COMMIT  := $(shell git describe --always --dirty 2>/dev/null || echo unknown)
# "sqlite 3.46.1\n…" of what is linked in: from the names in the locks, and of this machine's packages.
LINKED  := $(shell awk '/[.]orig[.]tar/ { n = $$3; sub(/.*_/, "", n); sub(/([+]dfsg)?[.]orig.*/, "", n); \
               printf "%s %s\\n", $$1, n }' src/deps/lock)
ifneq ($(FOREIGN),)
LINKED  += $(shell awk '/[.]deb$$/ { n = $$3; gsub(/.*-dev_|(-[^-]*)?_[a-z0-9]*[.]deb/, "", n); \
               printf "%s %s\\n", $$1, n }' src/deps/lock.$(FOREIGN))
else
LINKED  += $(shell dpkg-query -W 2>/dev/null -f '$${source:Package} $${source:Upstream-Version}\\n' \
               libjpeg62-turbo-dev libpng-dev libwebp-dev zlib1g-dev)
endif
LINKED  := $(subst \n ,\n,$(LINKED))
build/gen/version.h: FORCE
	@mkdir -p $(@D)
	@printf '#define TALLER_VERSION "%s"\n#define TALLER_COMMIT "%s"\n#define TALLER_LIBRARIES "%s"\n' \
	    $(VERSION) $(COMMIT) '$(LINKED)' >$@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@
.PHONY: FORCE

# Our own code -------------------------------------------------------------------------------------
WARN     := -Wall -Wextra -Wconversion -Wshadow -Wvla -Wformat=2 -Wmissing-prototypes \
            -Wstrict-prototypes -Werror
CPPFLAGS := -D_GNU_SOURCE -Isrc -Ibuild/gen -isystem $(TP)/include $(MBEDTLS_CONFIG)
OWN      := -std=gnu11 $(WARN) -Wno-missing-field-initializers -include src/base/banned.h
CIVETWEB := -DUSE_MBEDTLS -DUSE_IPV6 -DUSE_STACK_SIZE=262144 -DNO_CGI -DNO_FILES -DNO_CACHING -DNO_THREAD_NAME

# One flavour of every object: 'release' becomes the program, 'dev' the unit tests, and the
# sanitizers get builds of their own (they refuse a static program).
FLAGS_release := -O2 -g1 -flto=auto $(HARDEN) $(SECTIONS) $(ANYWHERE)
FLAGS_dev     := -O1 -g $(HARDEN) $(SECTIONS)
FLAGS_asan    := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
FLAGS_tsan    := -O1 -g -fno-omit-frame-pointer -fsanitize=thread
FLAGS_cover   := -O0 -g -DCOVERAGE --coverage -fprofile-abs-path
# libFuzzer comes with clang, and so does what says which lines it reached; the warnings are gcc's
# business.
FLAGS_fuzz    := -O1 -g -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined \
                 -fno-sanitize-recover=all -fprofile-instr-generate -fcoverage-mapping -w
COMPILER_fuzz := clang
# The linker warns that getaddrinfo and getpwnam may load modules of glibc; main.c says which ones.
LINK_release  := -static-pie -Wl,--no-warnings
LINK_dev      := -pie
LINK_asan     := -pie
LINK_tsan     := -pie
LINK_cover    := -pie
LINK_fuzz     := -pie
FLAVOURS      := release dev asan tsan cover fuzz
LDFLAGS       := -pthread -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--gc-sections

# $(call flavour,NAME): rules from a source to build/obj/NAME/….o, and OBJ_NAME.
define flavour
OBJ_$(1) := $(patsubst src/%.c,build/obj/$(1)/%.o,$(SRC_C)) \
    $(patsubst build/gen/%.c,build/obj/$(1)/gen/%.o,$(GEN_C))
CC_$(1) = $(or $(COMPILER_$(1)),$(CC)) -fPIE -pthread $(CPPFLAGS) $(FLAGS_$(1)) -MMD -MP -c $$< -o $$@

build/obj/$(1)/%.o: src/%.c Makefile $(DEPS) | $(GEN_C) $(GEN_H)
	@mkdir -p $$(@D)
	@echo "  CC    $$*.c"
	$(Q)$$(CC_$(1)) $$(OWN)

build/obj/$(1)/gen/%.o: build/gen/%.c Makefile $(DEPS) | $(GEN_C) $(GEN_H)
	@mkdir -p $$(@D)
	@echo "  CC    gen/$$*.c"
	$(Q)$$(CC_$(1)) $(OWN)

build/obj/$(1)/test/%.o: tests/unit/%.c Makefile $(DEPS) | $(GEN_C) $(GEN_H)
	@mkdir -p $$(@D)
	@echo "  CC    tests/unit/$$*.c"
	$(Q)$$(CC_$(1)) $(OWN) -Itests/unit
endef
$(foreach f,$(FLAVOURS),$(eval $(call flavour,$(f))))

# The kernels count bits and widen columns: x86-64-v2 has instructions for that, and whatever runs
# today has x86-64-v2.
ifneq ($(filter x86_64%,$(TARGET)),)
$(foreach f,$(FLAVOURS),build/obj/$(f)/analytics/%.o): OWN += -march=x86-64-v2
endif
$(foreach f,$(FLAVOURS),build/obj/$(f)/analytics/kernel.o \
    build/obj/$(f)/analytics/kernel_orders.o build/obj/$(f)/analytics/snapshot.o): OWN += -O3

# civetweb is compiled with our TLS layer, which it includes as "mod_mbedtls.inl", hence here. Link
# time optimisation is for our own objects only.
ifneq ($(wildcard src/http/mod_mbedtls.inl),)
define civetweb
OBJ_$(1) += build/obj/$(1)/civetweb.o
build/obj/$(1)/civetweb.o: Makefile $(DEPS)
	@mkdir -p $$(@D)
	@echo "  CC    civetweb.c"
	$(Q)$(or $(COMPILER_$(1)),$(CC)) -fPIE -pthread -Isrc/http $(CPPFLAGS) $(filter-out -flto%,$(FLAGS_$(1))) $(CIVETWEB) -w \
	    -MMD -MP -c $(TP)/src/civetweb/src/civetweb.c -o $$@
endef
$(foreach f,$(FLAVOURS),$(eval $(call civetweb,$(f))))
endif

-include $(foreach f,$(FLAVOURS),$(patsubst %.o,%.d,$(OBJ_$(f))) $(wildcard build/obj/$(f)/test/*.d))

# The program --------------------------------------------------------------------------------------
link = $(or $(COMPILER_$(1)),$(CC)) $(filter-out -D%,$(FLAGS_$(1))) $(LINK_$(1)) $(LDFLAGS) $(filter %.o,$^) \
    $(2) $(LIBS) $(PICTURES) -lm -o $@

.PHONY: all run clean help packages deps-update
all: build/taller ## build/taller: release, static-pie, symbols beside it (the default)

build/taller: $(OBJ_release) $(DEPS)
	@echo "  LINK  $@"
	$(Q)$(call link,release)
	@$(OBJCOPY) --only-keep-debug $@ $@.debug
	@$(OBJCOPY) --strip-all --add-gnu-debuglink=$@.debug $@

build/asan/taller build/tsan/taller build/cover/taller: build/%/taller:
	@mkdir -p $(@D)
	@echo "  LINK  $@"
	$(Q)$(call link,$*)
build/asan/taller: $(OBJ_asan) $(DEPS)
build/tsan/taller: $(OBJ_tsan) $(DEPS)
build/cover/taller: $(OBJ_cover) $(DEPS)

DATA  ?= data
HTTPS ?= 127.0.0.1:8443
HTTP  ?= 127.0.0.1:8080
run: ## install what is missing, build, fill an empty ./data with a demo school, serve it
	@src/deps/packages.sh install build
	@$(MAKE) --no-print-directory all
	@[ -e $(DATA)/taller.db ] || build/taller demo --data $(DATA) >/dev/null
	@[ ! -e $(DATA)/demo-accounts.txt ] || cat $(DATA)/demo-accounts.txt
	@exec build/taller serve --data $(DATA) --https $(HTTPS) --http $(HTTP)

packages: ## install the Debian packages the build and all checks need
	@src/deps/packages.sh install build unit http acme e2e lint fuzz load siege

deps-update: ## renew src/deps/lock from the signed indexes of Debian
	@src/deps/update.sh

clean: ## remove what was built, except the libraries
	@rm -rf $(filter-out $(TP),$(wildcard build/*))

help: ## this list
	@grep -hE '^[a-z0-9-]+:.* ## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | sort | \
	    awk -F'\t' '{ printf "  %-14s %s\n", $$1, $$2 }'

# Checks -------------------------------------------------------------------------------------------
# Everything of ours that clang-format formats, and what of it may hold rules of the house.
TEXT_C  := $(shell find src tests -name node_modules -prune -o \( -name '*.[ch]' -o -name '*.inl' \) -print | sort)
HOUSE_C := $(filter src/%,$(TEXT_C))

.PHONY: lint tidy cppcheck analyzer layers format format-check
lint: tidy cppcheck analyzer i18n-check ## clang-tidy, cppcheck, gcc -fanalyzer, translations, rules of the house; silent when clean
	@awk -f src/tools/codecheck.awk $(HOUSE_C)

# The dev object stands for the source and all it includes, so only what changed is checked again.
TIDY := $(SRC_C:src/%.c=build/lint/%.tidy)
tidy: $(TIDY)
$(TIDY): build/lint/%.tidy: build/obj/dev/%.o .clang-tidy
	@mkdir -p $(@D)
	@clang-tidy --quiet src/$*.c -- $(OWN) $(CPPFLAGS) >$@.log 2>/dev/null || { cat $@.log; exit 1; }
	@mv $@.log $@

# autoVariables fires where a list on the stack is linked up for as long as the function waits;
# legacyUninitvar where a function writes through a pointer that it is given.
cppcheck: $(GEN_H) $(DEPS)
	@mkdir -p build/lint/cppcheck
	@cppcheck --quiet -j$(shell nproc) --cppcheck-build-dir=build/lint/cppcheck --error-exitcode=1 \
	    --std=c11 --library=posix,gnu --enable=warning,performance,portability --inline-suppr \
	    --suppress=autoVariables --suppress=legacyUninitvar \
	    --include=src/tools/cppcheck.h \
	    -D_GNU_SOURCE -Isrc -Ibuild/gen $(SRC_C)

# gcc follows every path through a source, as far as that source goes. What it gets wrong is said at
# its place, by a pragma with the reason beside it.
ANALYZED := $(patsubst src/%.c,build/lint/%.analyzed,$(filter %.c,$(HOUSE_C)))
analyzer: $(ANALYZED)
$(ANALYZED): build/lint/%.analyzed: src/%.c Makefile $(DEPS) | $(GEN_C) $(GEN_H)
	@mkdir -p $(@D)
	@$(CC) -fanalyzer -O1 -fPIE -pthread $(CPPFLAGS) -isystem $(TP)/src/mbedtls/library \
	    $(filter-out $(WARN),$(OWN)) -Werror \
	    -MMD -MP -MF $@.d -MT $@ -c $< -o /dev/null
	@touch $@

-include $(ANALYZED:=.d)

layers: ## check that includes point down only
	@awk -f src/tools/layers.awk $(HOUSE_C)

format: ## rewrite our sources as clang-format says
	@clang-format -i $(TEXT_C)

format-check: ## check that clang-format would change nothing
	@bad=0; for f in $(TEXT_C); do clang-format --dry-run -Werror $$f 2>/dev/null || \
	    { echo "$$f is not formatted (make format)"; bad=1; }; done; exit $$bad

include tests/tests.mk
include src/deploy/deploy.mk
