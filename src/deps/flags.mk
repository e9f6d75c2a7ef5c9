# What the libraries, civetweb and our own code are compiled with alike.

TP             := build/third-party
# What runs during the build is compiled for this machine, the rest for the compiler's target.
HOSTCC         ?= cc
TARGET         := $(shell $(CC) -dumpmachine)
HARDEN         := -fstack-protector-strong -fstack-clash-protection -D_FORTIFY_SOURCE=2 \
                  $(if $(filter x86_64%,$(TARGET)),-fcf-protection,-mbranch-protection=standard)
# Nothing built may tell where it was built.
ANYWHERE       := -ffile-prefix-map=$(CURDIR)=.
SECTIONS       := -ffunction-sections -fdata-sections
MBEDTLS_CONFIG := -Isrc/deps -DMBEDTLS_CONFIG_FILE='"deps/mbedtls_config.h"'
