# The test suites: unit (tests/unit), http (tests/http), e2e (tests/e2e).
#
# A suite other than unit is an executable tests/SUITE/run. It gets the program under test in TALLER,
# says what failed, ends with status 1 if anything did, and leaves one line "SUITE PASSED FAILED" in
# build/results/SUITE. That is all 'make test' needs to sum them up.

UNIT   := $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/test_*.c))
SUITES := unit $(patsubst tests/%/run,%,$(wildcard tests/http/run tests/e2e/run))

# Every tests/unit/test_NAME.c is one cmocka program, linked with everything except main. Files there
# without the prefix are shared by all of them.
UNIT_HELPERS := $(filter-out test_%,$(patsubst tests/unit/%.c,%,$(wildcard tests/unit/*.c)))
define unit
build/$(1)/libtaller.a: $(filter-out %/main.o,$(OBJ_$(1)))
	@mkdir -p $$(@D)
	@rm -f $$@ && $(AR) rcs $$@ $$^

UNIT_$(1) := $(UNIT:%=build/$(1)/%)
$$(UNIT_$(1)): build/$(1)/%: build/obj/$(1)/test/%.o \
    $(UNIT_HELPERS:%=build/obj/$(1)/test/%.o) build/$(1)/libtaller.a
	$(Q)$$(call link,$(1),build/$(1)/libtaller.a) -lcmocka
endef
$(foreach f,dev asan tsan cover,$(eval $(call unit,$(f))))

# What HTTP tests talk to besides the program: a server with nothing behind it, for the raw-socket
# tests of the door; the reports of a snapshot for any filter; a service manager's ear; a disk that
# becomes read-only.
HTTP_HELPERS := $(patsubst tests/http/%.c,%,$(wildcard tests/http/*.c))
define http
build/obj/$(1)/test-http/%.o: tests/http/%.c Makefile $(DEPS) | $(GEN_C) $(GEN_H)
	@mkdir -p $$(@D)
	@echo "  CC    tests/http/$$*.c"
	$(Q)$$(CC_$(1)) $$(OWN)

HTTP_$(1) := $(HTTP_HELPERS:%=build/$(1)/%)
$$(HTTP_$(1)): build/$(1)/%: build/obj/$(1)/test-http/%.o build/$(1)/libtaller.a
	$(Q)$$(call link,$(1),build/$(1)/libtaller.a)
endef
$(foreach f,dev asan tsan cover,$(eval $(call http,$(f))))

# A field in there is called like a function that is banned: it comes before the ban.
$(foreach f,dev asan tsan cover,build/obj/$(f)/test-http/disk_fuse.o): OWN := -include linux/fuse.h $(OWN)

# What tests/crash judges, and with what: 'server' is the program itself and 'points' its insides,
# both on a disk that fails on demand; 'points' with memory that does, too. Nothing of this is ever
# in the product: the linker puts it between our objects and the C library.
comma        := ,
DISK_WRAP    := $(addprefix -Wl$(comma)--wrap=,open open64 __open_2 close write pwrite pwrite64 ftruncate \
    ftruncate64 posix_fallocate fsync mkdir rename renameat2 link unlink sqlite3_exec)
MEMORY_WRAP  := $(addprefix -Wl$(comma)--wrap=,malloc calloc realloc reallocarray strdup)
CRASH_DISK   := $(patsubst %,build/obj/dev/test-crash/%.o,disk synchronous)
CRASH_POINTS := $(patsubst tests/crash/%.c,build/obj/dev/test-crash/%.o,$(wildcard tests/crash/*.c))
CRASH        := build/dev/crash/server build/dev/crash/points

build/obj/dev/test-crash/%.o: tests/crash/%.c Makefile $(DEPS) | $(GEN_C) $(GEN_H)
	@mkdir -p $(@D)
	@echo "  CC    tests/crash/$*.c"
	$(Q)$(CC_dev) $(OWN)

build/dev/crash/server: $(CRASH_DISK) build/obj/dev/main.o build/dev/libtaller.a
	@mkdir -p $(@D)
	$(Q)$(call link,dev,build/dev/libtaller.a) $(DISK_WRAP)

build/dev/crash/points: $(CRASH_POINTS) build/dev/libtaller.a
	@mkdir -p $(@D)
	$(Q)$(call link,dev,build/dev/libtaller.a) $(DISK_WRAP) $(MEMORY_WRAP)

-include $(wildcard build/obj/dev/test-crash/*.d)

.PHONY: crash crash-check
crash: ## nothing confirmed is ever lost: kills, power cuts, failing disks and memory, all of it (an hour)
	@src/deps/packages.sh install build http
	@$(MAKE) --no-print-directory all $(CRASH)
	@CRASH=full TALLER=build/taller tests/crash/run

crash-check: ## a sample of the same in a minute and a half; SEED=N takes the same sample again
	@src/deps/packages.sh install build http
	@$(MAKE) --no-print-directory all $(CRASH)
	@TALLER=build/taller tests/crash/run

.PHONY: attack attack-check
attack: ## sqlmap, wapiti and testssl.sh against the running shop: what they find, and that they can (ten minutes)
	@src/deps/packages.sh install build attack tls
	@$(MAKE) --no-print-directory all
	@TALLER=build/taller tests/attack/run

attack-check: ## testssl.sh's part of it, in a minute
	@src/deps/packages.sh install build tls
	@$(MAKE) --no-print-directory all
	@TALLER=build/taller tests/attack/run tests/attack/tls.test.js

# The objects of the unit tests once more, for valgrind; what is different about them stands in
# tests/valgrind/cheap.c. build/valgrind/NAME runs build/valgrind/bin/NAME under valgrind.
VALGRIND_WRAP := $(addprefix -Wl$(comma)--wrap=,crypto_pwhash_str_alg confine sandbox_enter)
VALGRIND_OBJ  := build/obj/dev/test-valgrind/cheap.o

$(VALGRIND_OBJ): build/obj/dev/test-valgrind/%.o: tests/valgrind/%.c Makefile $(DEPS) | $(GEN_C) $(GEN_H)
	@mkdir -p $(@D)
	@echo "  CC    tests/valgrind/$*.c"
	$(Q)$(CC_dev) $(OWN)

build/valgrind/bin/taller: build/obj/dev/main.o $(VALGRIND_OBJ) build/dev/libtaller.a
	@mkdir -p $(@D)
	$(Q)$(call link,dev,build/dev/libtaller.a) $(VALGRIND_WRAP)

$(UNIT:%=build/valgrind/bin/%): build/valgrind/bin/%: build/obj/dev/test/%.o $(VALGRIND_OBJ) \
    $(UNIT_HELPERS:%=build/obj/dev/test/%.o) build/dev/libtaller.a
	@mkdir -p $(@D)
	$(Q)$(call link,dev,build/dev/libtaller.a) -lcmocka $(VALGRIND_WRAP)

$(HTTP_HELPERS:%=build/valgrind/bin/%): build/valgrind/bin/%: build/obj/dev/test-http/%.o $(VALGRIND_OBJ) \
    build/dev/libtaller.a
	@mkdir -p $(@D)
	$(Q)$(call link,dev,build/dev/libtaller.a) $(VALGRIND_WRAP)

build/valgrind/%: build/valgrind/bin/%
	@ln -sf $(CURDIR)/tests/valgrind/under $@

# Left out are the walls, which valgrind does not survive; what starts itself once more, which valgrind
# does not let it; and what looks at the clock: that strangers wait alike, that ten thousand rows take
# seconds, that commits meet.
VALGRIND_UNIT := $(filter-out test_confine test_child test_picture_import test_account_login \
    test_import test_db_commit,$(UNIT))
# A server is thirty times as slow and its threads take turns: what counts seconds, what floods and
# what kills is left out, and so are pictures, whose decoder has ten seconds. What is left goes through
# every page that a family and the staff use, through the door, mail and reports.
VALGRIND_HTTP := $(patsubst %,tests/http/%.test.js,admin admin-mail admin-orders admin-people \
    admin-settings admin-workshops bytes cart checkout journey session site)

.PHONY: valgrind
valgrind: ## unit tests and most pages under valgrind (about an hour); VALGRIND_HTTP= leaves the pages out
	@src/deps/packages.sh install build unit http valgrind
	@$(MAKE) --no-print-directory build/valgrind/taller $(HTTP_HELPERS:%=build/valgrind/%) $(VALGRIND_UNIT:%=build/valgrind/%)
	@VALGRIND_UNIT='$(VALGRIND_UNIT:%=build/valgrind/%)' VALGRIND_HTTP='$(VALGRIND_HTTP)' tests/valgrind/run

.PHONY: test test-slow unit http e2e acme static asan tsan cover
test: ## install what the tests need, build, run every suite, end with the counts
	@src/deps/packages.sh install build $(SUITES)
	@$(MAKE) --no-print-directory all $(UNIT_dev) $(HTTP_dev)
	@TALLER=build/taller UNIT='$(UNIT_dev)' tests/all $(SUITES)

unit: $(UNIT_dev) ## unit tests of every module below site/
	@tests/unit/run $(UNIT_dev)

http: all $(HTTP_dev) ## HTTP scenarios against the built program
	@TALLER=build/taller tests/http/run

e2e: all ## browser journeys
	@TALLER=build/taller tests/e2e/run

acme: ## certificates obtained by themselves, against pebble, an authority for tests (two minutes)
	@src/deps/packages.sh install build acme
	@$(MAKE) --no-print-directory all
	@TALLER=build/taller tests/acme/run

asan: $(UNIT_asan) build/asan/taller $(HTTP_asan) ## unit and HTTP tests under AddressSanitizer and UBSan
	@TALLER=build/asan/taller UNIT='$(UNIT_asan)' tests/all $(filter-out e2e,$(SUITES))

tsan: $(UNIT_tsan) build/tsan/taller $(HTTP_tsan) ## unit and HTTP tests under ThreadSanitizer
	@TSAN_OPTIONS=suppressions=$(CURDIR)/tests/tsan.supp TALLER=build/tsan/taller UNIT='$(UNIT_tsan)' tests/all $(filter-out e2e,$(SUITES))

cover: ## lines and branches reached by unit, HTTP and ACME tests; 90 % of the lines of most folders
	@src/deps/packages.sh install build unit http acme
	@$(MAKE) --no-print-directory $(UNIT_cover) build/cover/taller $(HTTP_cover)
	@find build/obj/cover -name '*.gcda' -delete
	@TALLER=build/cover/taller UNIT='$(UNIT_cover)' tests/all $(filter-out e2e,$(SUITES)) acme
	@tests/cover build/obj/cover

# The load client is a program of its own: it shares nothing with what it measures.
build/load: $(filter-out %/reports.c,$(wildcard tests/load/*.c)) tests/load/client.h Makefile
	@echo "  CC    tests/load"
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE -O2 -g $(WARN) $(filter %.c,$^) -pthread -lssl -lcrypto -o $@

# The besieger, likewise: it borrows the load client's clock and its TLS.
build/siege: $(wildcard tests/siege/*.c) tests/siege/siege.h $(addprefix tests/load/,link.c measure.c client.h) Makefile
	@echo "  CC    tests/siege"
	$(Q)$(CC) -std=gnu11 -D_GNU_SOURCE -O2 -g $(WARN) -Itests/load $(filter %.c,$^) -pthread -lssl -lcrypto -o $@

.PHONY: siege siege-check
siege: ## it keeps answering: 200 families at once, 1,000 slow connections, floods, slowhttptest (ten minutes)
	@src/deps/packages.sh install build siege
	@$(MAKE) --no-print-directory all build/siege
	@SIEGE=full TALLER=build/taller tests/siege/run $(SIEGE)

siege-check: ## a sample of the same in a minute
	@src/deps/packages.sh install build siege
	@$(MAKE) --no-print-directory all build/siege
	@TALLER=build/taller tests/siege/run

# Runs single reports over a snapshot, with the very objects the program is made of.
build/obj/release/reports.o: tests/load/reports.c Makefile $(DEPS) | $(GEN_C) $(GEN_H)
	@mkdir -p $(@D)
	@echo "  CC    tests/load/reports.c"
	$(Q)$(CC_release) $(OWN)

build/reports: build/obj/release/reports.o $(filter-out %/main.o,$(OBJ_release)) $(DEPS)
	@echo "  LINK  $@"
	$(Q)$(call link,release)

.PHONY: bench bench-analytics
bench: ## measure, print tables, write build/bench.json (about ten minutes; BENCH_QUICK=1: one)
	@src/deps/packages.sh install build bench
	@$(MAKE) --no-print-directory all build/load build/reports
	@TALLER=build/taller node tests/load/bench.js $(BENCH)

bench-analytics: ## the eight reports beside DuckDB and SQLite at 100k, 1m and 10m inscriptions (SIZES=100k,1m)
	@src/deps/packages.sh install build bench
	@$(MAKE) --no-print-directory all build/reports
	@TALLER=build/taller node tests/load/bench.js analytics

.PHONY: monitoring-check
monitoring-check: all ## alert rules, dashboard and /metrics against a real Prometheus (a minute)
	@src/deps/packages.sh install http
	@TALLER=build/taller tests/monitoring/run

.PHONY: load load-check
load: all ## an evening of enrolment with Locust over TLS; report in build/load-report (LOAD_USERS=60 LOAD_SECONDS=120)
	@src/deps/packages.sh install load
	@PROMETHEUS=$$(tests/monitoring/tools) TALLER=build/taller node tests/load/evening/evening.js

load-check: all ## the same in half a minute, people in a hurry: no error, and true books afterwards
	@src/deps/packages.sh install load
	@PROMETHEUS=$$(tests/monitoring/tools) LOAD_USERS=24 LOAD_SECONDS=20 LOAD_PACE=0.1 TALLER=build/taller \
	    node tests/load/evening/evening.js

test-slow: all $(HTTP_dev) ## what takes minutes: analytics of 200,000 inscriptions, killed restores and backups
	@TEST_SLOW=1 TALLER=build/taller tests/http/run tests/http/analytics.test.js tests/http/restore.test.js \
	    tests/http/upgrade.test.js

.PHONY: k8s-check k8s-measure k8s-rules k8s-school
k8s-check: ## check k8s/: schemas, rules, and what the pod promises with the built program
	@src/deps/packages.sh install build k8s
	@$(MAKE) --no-print-directory all
	@TALLER=build/taller tests/k8s/run

k8s-measure: ## what a pod carries, what an idle school costs, within the limits of the manifests
	@src/deps/packages.sh install build bench k8s
	@$(MAKE) --no-print-directory all build/load
	@tests/k8s/install
	@TALLER=build/taller tests/k8s/alone node tests/k8s/measure.js

k8s-rules: ## make the PrometheusRule from k8s/monitoring/rules.yaml
	@k8s/monitoring/prometheusrule.sh

k8s-school: ## write the overlay of one more school: NAME=lima [HOST=talleres.lima.example]
	@k8s/school.sh "$$NAME" $${HOST:+"$$HOST"}

static: all ## check that the program is a hardened static-pie that needs no file to start
	@tests/static build/taller

# A fuzzer is one file of tests/fuzz and its seeds. What it found worth keeping stays in build/fuzz.
FUZZERS := $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/*.c))
FUZZ    ?= $(FUZZERS)
SECONDS ?= 5

# Parsers need no shop and no pages.
build/fuzz/libtaller.a: $(filter-out %/main.o $(addprefix build/obj/fuzz/,cli/% shop/% site/% gen/views/%), \
    $(OBJ_fuzz)) $(addprefix build/obj/fuzz/,cli/option.o shop/backup_shelf.o shop/backup.o)
	@mkdir -p $(@D)
	@rm -f $@ && $(AR) rcs $@ $^

build/obj/fuzz/fuzzer/%.o: tests/fuzz/%.c Makefile $(DEPS) | $(GEN_C) $(GEN_H)
	@mkdir -p $(@D)
	@echo "  CC    tests/fuzz/$*.c"
	$(Q)$(CC_fuzz) $(OWN)

$(FUZZERS:%=build/fuzz/%): build/fuzz/%: build/obj/fuzz/fuzzer/%.o build/fuzz/libtaller.a
	$(Q)$(call link,fuzz,build/fuzz/libtaller.a) -fsanitize=fuzzer

-include $(wildcard build/obj/fuzz/fuzzer/*.d)

.PHONY: fuzz fuzz-slow
fuzz: ## feed the parsers what nobody would send (FUZZ=snapshot SECONDS=60; 5 s each by default)
	@src/deps/packages.sh install build fuzz
	@$(MAKE) --no-print-directory $(FUZZ:%=build/fuzz/%)
	@tests/fuzz/run $(SECONDS) $(FUZZ)

fuzz-slow: ## the same for ten minutes each, two hours in all
	@$(MAKE) --no-print-directory fuzz SECONDS=600
