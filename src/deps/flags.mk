# What the libraries, civetweb and our own code are compiled with alike.

TP             := build/third-party
HARDEN         := -fstack-protector-strong -fstack-clash-protection -fcf-protection \
                  -D_FORTIFY_SOURCE=2
SECTIONS       := -ffunction-sections -fdata-sections
MBEDTLS_CONFIG := -Isrc/deps -DMBEDTLS_CONFIG_FILE='"deps/mbedtls_config.h"'
