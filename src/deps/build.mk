# Builds the unpacked libraries (src/deps/unpack.sh) into static archives. Started by the Makefile
# as a make of its own, because the lists of source files exist only after unpacking.
#
# civetweb is not here: it is compiled with our own TLS layer inside, so the Makefile does it.

include src/deps/flags.mk
SRC    := $(TP)/src
OBJ    := $(TP)/obj
CFLAGS := -O2 -g1 -fPIE -pthread -w $(SECTIONS) $(HARDEN) $(ANYWHERE)

.DELETE_ON_ERROR:
.PHONY: all
all: $(addprefix $(TP)/lib/lib,$(addsuffix .a,mbedtls sodium sqlite3 cjson qrencode)) \
     $(TP)/include/civetweb.h

# $(call archive,NAME,SOURCES,FLAGS,INCLUDES TO INSTALL): one static archive and its headers. Objects of
# our own that belong in it are named in NAME_OWN.
define archive
$(1)_OBJ := $(patsubst $(SRC)/%,$(OBJ)/%.o,$(2))
$$($(1)_OBJ) $($(1)_OWN): private CFLAGS += $(3)
$$($(1)_OBJ): $(OBJ)/%.o: $(SRC)/% src/deps/build.mk src/deps/flags.mk
	@mkdir -p $$(@D)
	@$(CC) $$(CFLAGS) -c $$< -o $$@
$(TP)/lib/lib$(1).a: $$($(1)_OBJ) $($(1)_OWN)
	@echo "  LIB   $(1)"
	@cp -r $(4) $(TP)/include/
	@rm -f $$@ && $(AR) rcs $$@ $$($(1)_OBJ) $($(1)_OWN)
endef

# mbedTLS -----------------------------------------------------------------------------------------
# AES-256-GCM and X25519 are libsodium's, behind mbedTLS's hooks for it. A lost flag here would be
# silently slow: the unit test of src/deps says whether the hooks are in.
MBEDTLS     := $(SRC)/mbedtls
mbedtls_OWN := $(addprefix $(OBJ)/own/,gcm_portable.o gcm_sodium.o x25519_sodium.o)
$(eval $(call archive,mbedtls,$(wildcard $(MBEDTLS)/library/*.c),\
    -Isrc -I$(MBEDTLS)/include -I$(MBEDTLS)/library $(MBEDTLS_CONFIG),\
    $(MBEDTLS)/include/mbedtls $(MBEDTLS)/include/psa))
$(mbedtls_OBJ) $(mbedtls_OWN): src/deps/mbedtls_config.h src/deps/gcm_alt.h
$(OBJ)/mbedtls/library/psa_crypto_ecp.c.o: private CFLAGS += -Dmbedtls_ecp_mul=x25519_sodium_ecp_mul
$(mbedtls_OWN): private CFLAGS += -I$(SRC)/libsodium/src/libsodium/include
$(mbedtls_OWN): $(OBJ)/own/%.o: src/deps/%.c $(wildcard src/deps/*.h src/deps/*.mk) \
    $(SRC)/libsodium/src/libsodium/include/sodium/version.h
	@mkdir -p $(@D)
	@$(CC) $(CFLAGS) -c $< -o $@

# libsodium ---------------------------------------------------------------------------------------
# Debian's package has no configure script; what it would find is in sodium_config.h, and the
# version header comes ready-made with the sources for another compiler.
SODIUM := $(SRC)/libsodium/src/libsodium
SODIUM_VERSION := $(SODIUM)/include/sodium/version.h
$(eval $(call archive,sodium,$(shell find $(SODIUM) -name '*.c' -o -name '*.S' | sort),\
    -include src/deps/sodium_config.h -I$(SODIUM)/include/sodium -I$(SODIUM)/include,\
    $(SODIUM)/include/sodium.h $(SODIUM)/include/sodium))
$(sodium_OBJ): src/deps/sodium_config.h $(SODIUM_VERSION)
$(SODIUM_VERSION): $(SRC)/libsodium/builds/msvc/version.h
	@cp $< $@

# SQLite ------------------------------------------------------------------------------------------
SQLITE := $(SRC)/sqlite
SQLITE_FLAGS := -DSQLITE_DQS=0 -DSQLITE_THREADSAFE=2 -DSQLITE_DEFAULT_FOREIGN_KEYS=1 \
    -DSQLITE_TRUSTED_SCHEMA=0 -DSQLITE_OMIT_DEPRECATED -DSQLITE_OMIT_SHARED_CACHE \
    -DSQLITE_OMIT_LOAD_EXTENSION -DSQLITE_OMIT_AUTOINIT -DSQLITE_LIKE_DOESNT_MATCH_BLOBS \
    -DSQLITE_USE_ALLOCA -DSQLITE_ENABLE_FTS5 -DSQLITE_ENABLE_STAT4 -DSQLITE_ENABLE_DBSTAT_VTAB
$(eval $(call archive,sqlite3,$(SQLITE)/sqlite3.c,$(SQLITE_FLAGS),$(SQLITE)/sqlite3.h))
$(SQLITE)/sqlite3.c:
	@echo "  GEN   sqlite3.c"
	@cd $(SQLITE) && { CC='$(HOSTCC)' ./configure --disable-readline --disable-tcl && \
	    $(MAKE) CC='$(HOSTCC)' sqlite3.c; } >build.log 2>&1 || { tail -20 build.log; exit 1; }

# cJSON -------------------------------------------------------------------------------------------
$(eval $(call archive,cjson,$(SRC)/cjson/cJSON.c,,$(SRC)/cjson/cJSON.h))

# libqrencode -------------------------------------------------------------------------------------
QRENCODE := $(SRC)/qrencode
$(eval $(call archive,qrencode,$(filter-out %/qrenc.c,$(wildcard $(QRENCODE)/*.c)),\
    -DHAVE_LIBPTHREAD -DHAVE_STRDUP -DSTATIC_IN_RELEASE=static -DMAJOR_VERSION=4 -DMINOR_VERSION=1 \
    -DMICRO_VERSION=1 -DVERSION='"4.1.1"',$(QRENCODE)/qrencode.h))

$(TP)/include/civetweb.h: $(SRC)/civetweb/include/civetweb.h
	@cp $< $@
