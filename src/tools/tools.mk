# Generated sources: compiles the generators of this folder for the build machine and runs them.
# Names what they make in GEN_C and GEN_H; the Makefile compiles it like any source of ours.
#
# A generator writes a file only when its content changes, so a stamp says when it ran last.

TOOLS      := build/tools
SHARE      := $(TP)/share
TOOLS_OWN  := -O1 -g -D_GNU_SOURCE -Isrc -std=gnu11
TOOLS_BASE := base/arena base/buf base/clock base/date base/log base/memory base/utf8 tools/gen

VIEWS    := $(shell find assets/views -name '*.html' -o -name '*.txt' 2>/dev/null | sort)
# assets/views/mail/receipt.txt → build/gen/views/mail_receipt_txt.c
VIEW_C   := $(foreach v,$(VIEWS:assets/views/%=%),build/gen/views/$(subst /,_,$(basename $(v:.txt=_txt.txt))).c)
STATIC   := $(shell find assets/static -type f 2>/dev/null)
# Where class names may stand: what style sheets are pruned by.
CLASSES   = $(VIEWS) $(filter %.js,$(STATIC)) $(filter src/site/%,$(SRC_C))

GEN_C    += $(VIEW_C) $(addprefix build/gen/,assets.c catalogue.c zones.c countries.c roots.c embedded.c)
GEN_H    += build/gen/views.h

# The generators -----------------------------------------------------------------------------------
VIEWC_OBJ    := tools/viewc tools/view_emit tools/view_head tools/view_html tools/view_element \
                tools/view_lex tools/view_parse tools/view_pot
ASSETC_OBJ   := tools/assetc tools/css tools/css_prune
CATALOGC_OBJ := tools/catalogc tools/mo tools/view_pot
COUNTRYC_OBJ := tools/countryc tools/mo

$(TOOLS)/obj/%.o: src/%.c src/tools/tools.mk | build-tools
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) $(TOOLS_OWN) $(WARN) -include src/base/banned.h -MMD -MP -c $< -o $@

# $(call generator,NAME,OBJECTS,LIBRARIES)
define generator
$(TOOLS)/$(1): $(patsubst %,$(TOOLS)/obj/%.o,$(2) $(TOOLS_BASE))
	@echo "  TOOL  $(1)"
	$$(Q)$$(HOSTCC) $$(filter %.o,$$^) -pthread $(3) -o $$@
endef
$(eval $(call generator,viewc,$(VIEWC_OBJ)))
$(eval $(call generator,assetc,$(ASSETC_OBJ),-lbrotlienc -lbrotlicommon -lz))
$(eval $(call generator,catalogc,$(CATALOGC_OBJ)))
$(eval $(call generator,countryc,$(COUNTRYC_OBJ)))
$(eval $(call generator,zonec,tools/zonec))
$(eval $(call generator,textc,tools/textc))
-include $(shell find $(TOOLS)/obj -name '*.d' 2>/dev/null)

# Static files, then templates, which refer to them ------------------------------------------------
build/gen/assets.stamp: $(TOOLS)/assetc $(STATIC) $(CLASSES) | $(DEPS)
	@echo "  GEN   assets"
	$(Q)$(TOOLS)/assetc assets/static $(SHARE)/bootstrap/css build/gen $(CLASSES)
	@touch $@
build/gen/assets.c build/gen/assets.list: build/gen/assets.stamp ;@:

build/gen/views.stamp: $(TOOLS)/viewc $(VIEWS) build/gen/assets.list
	@echo "  GEN   views"
	@mkdir -p assets/views
	$(Q)$(TOOLS)/viewc assets/views build/gen/assets.list build/gen
	@touch $@
$(VIEW_C) build/gen/views.h build/gen/views.pot: build/gen/views.stamp ;@:

# Messages -----------------------------------------------------------------------------------------
build/gen/views.mo: build/gen/views.pot
	$(Q)msgen --force-po $< | msgfmt -o $@ -
build/gen/es.mo: assets/i18n/es.po
	@mkdir -p $(@D)
	$(Q)msgfmt -o $@ $<
build/gen/catalogue.c: $(TOOLS)/catalogc build/gen/views.mo build/gen/es.mo
	@echo "  GEN   messages"
	$(Q)$(TOOLS)/catalogc build/gen/views.mo build/gen/es.mo $@
	@touch $@

XGETTEXT := xgettext --from-code=UTF-8 --language=C --sort-output --add-location=file \
    --keyword --keyword=N_:1 --keyword=tr:2 --keyword=tr_ctx:2c,3 --keyword=tr_n:2,3 \
    --keyword=i18n_format:3 --keyword=i18n_format_n:3,4
build/gen/messages.pot: build/gen/views.pot $(SRC_C)
	$(Q)$(XGETTEXT) -o build/gen/sources.pot $(SRC_C)
	$(Q)touch build/gen/sources.pot
	$(Q)msgcat --use-first --sort-output build/gen/views.pot build/gen/sources.pot -o $@

.PHONY: i18n i18n-check
i18n: build/gen/messages.pot ## add new texts to assets/i18n/es.po, drop those no longer used
	@msgmerge --quiet --no-fuzzy-matching --sort-output --add-location=file --no-wrap \
	    assets/i18n/es.po $< -o - | msgattrib --no-obsolete --sort-output --no-wrap -o build/gen/es.po -
	@cmp -s build/gen/es.po assets/i18n/es.po || cp build/gen/es.po assets/i18n/es.po
	@printf 'assets/i18n/es.po: ' && msgfmt --statistics -o /dev/null assets/i18n/es.po

i18n-check: build/gen/messages.pot $(TOOLS)/catalogc ## every text has its Spanish, with the same {placeholders}
	@msgfmt --check -o /dev/null assets/i18n/es.po
	@msgcmp assets/i18n/es.po $<
	@msgen $< | msgfmt -o build/gen/messages.mo -
	@msgfmt -o build/gen/es-check.mo assets/i18n/es.po
	@$(TOOLS)/catalogc --check build/gen/messages.mo build/gen/es-check.mo

# Data that an empty root does not have ------------------------------------------------------------
build/gen/zones.c: $(TOOLS)/zonec $(DEPS)
	@echo "  GEN   zones"
	$(Q)$(TOOLS)/zonec $(SHARE)/zoneinfo $@ && touch $@

build/gen/countries.c: $(TOOLS)/countryc $(DEPS)
	@echo "  GEN   countries"
	$(Q)msgfmt -o build/gen/countries.mo $(SHARE)/iso-codes/iso_3166-1.es.po
	$(Q)$(TOOLS)/countryc $(SHARE)/iso-codes/iso_3166-1.json build/gen/countries.mo $@ && touch $@

build/gen/roots.c: $(TOOLS)/textc $(DEPS)
	@echo "  GEN   certificate authorities"
	$(Q)$(TOOLS)/textc --roots $@ $(SHARE)/ca-certificates && touch $@

build/gen/embedded.c: $(TOOLS)/textc schema.sql LICENSE $(DEPS)
	@echo "  GEN   texts"
	$(Q)$(TOOLS)/textc $@ embedded_schema=schema.sql \
	    embedded_licenses=LICENSE $(sort $(wildcard $(SHARE)/licenses/*)) && touch $@

# The templates of tests/fixtures, for tests/unit/test_view.c ---------------------------------------
FIXTURES := $(shell find tests/fixtures/views -type f)
build/gen/test/views.stamp: $(TOOLS)/viewc $(FIXTURES) build/gen/assets.list
	$(Q)$(TOOLS)/viewc tests/fixtures/views build/gen/assets.list build/gen/test
	@touch $@
build/gen/test/catalogue.c: build/gen/test/views.stamp $(TOOLS)/catalogc tests/fixtures/es.po
	$(Q)msgen --force-po build/gen/test/views.pot | msgfmt -o build/gen/test/views.mo -
	$(Q)msgfmt -o build/gen/test/es.mo tests/fixtures/es.po
	$(Q)$(TOOLS)/catalogc build/gen/test/views.mo build/gen/test/es.mo $@ && touch $@
build/gen/test/views/%.c: build/gen/test/views.stamp ;@:
build/obj/dev/test/test_view.o build/obj/asan/test/test_view.o build/obj/tsan/test/test_view.o \
build/obj/cover/test/test_view.o: build/gen/test/catalogue.c
