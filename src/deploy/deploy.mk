# Placing Taller on a machine: 'make install', below PREFIX and DESTDIR. What is placed stands in this
# folder; archives and image take it from here too.

PREFIX  ?= /usr/local
DEPLOY  := src/deploy
UNITDIR  = $(PREFIX)/lib/systemd/system
PLACED   = $(PREFIX)/bin/taller $(UNITDIR)/taller.service $(PREFIX)/lib/sysusers.d/taller.conf \
           $(PREFIX)/lib/tmpfiles.d/taller.conf $(PREFIX)/share/taller/taller.conf \
           $(PREFIX)/share/doc/taller/README.md $(PREFIX)/share/doc/taller/LICENSE

# $(call place,MODE,FILE,WHERE): with @PREFIX@ filled in.
place = install -d $(dir $(DESTDIR)$(3)) && sed 's|@PREFIX@|$(PREFIX)|g' $(2) >$(DESTDIR)$(3) && \
        chmod $(1) $(DESTDIR)$(3)

.PHONY: install uninstall install-check install-boot
install: all ## install below PREFIX (/usr/local): program, systemd unit, user, data folder; DESTDIR respected
	@install -D -m 755 build/taller $(DESTDIR)$(PREFIX)/bin/taller
	@$(call place,644,$(DEPLOY)/taller.service,$(UNITDIR)/taller.service)
	@$(call place,644,$(DEPLOY)/sysusers.conf,$(PREFIX)/lib/sysusers.d/taller.conf)
	@$(call place,644,$(DEPLOY)/tmpfiles.conf,$(PREFIX)/lib/tmpfiles.d/taller.conf)
	@$(call place,644,$(DEPLOY)/taller.conf,$(PREFIX)/share/taller/taller.conf)
	@$(call place,644,README.md,$(PREFIX)/share/doc/taller/README.md)
	@$(call place,644,LICENSE,$(PREFIX)/share/doc/taller/LICENSE)
	@[ -n '$(DESTDIR)' ] || PREFIX='$(PREFIX)' $(DEPLOY)/settle.sh

uninstall: ## stop the service and remove what 'make install' placed; data folder and user stay
	@[ -n '$(DESTDIR)' ] || [ ! -d /run/systemd/system ] || \
	    ! systemctl --quiet is-enabled taller 2>/dev/null || systemctl disable --now taller
	@rm -f $(PLACED:%=$(DESTDIR)%)
	@rmdir -p --ignore-fail-on-non-empty $(sort $(dir $(PLACED:%=$(DESTDIR)%))) 2>/dev/null || :
	@[ -n '$(DESTDIR)' ] || [ ! -d /run/systemd/system ] || systemctl daemon-reload
	@[ -n '$(DESTDIR)' ] || echo "Removed. /var/lib/taller, /etc/taller and the user taller are left as they are."

install-check: all $(HTTP_dev) ## install into a folder; rate the unit's hardening; the calls it forbids; user and data folder
	@src/deps/packages.sh install install http
	@tests/install/check

install-boot: all ## install into an emulated Debian under a real systemd; start, reload, watchdog, kill, walls (five minutes)
	@src/deps/packages.sh install boot
	@tests/install/boot/check

# The container image ------------------------------------------------------------------------------
IMAGE ?= taller:$(VERSION)
.PHONY: image image-check compose-check
image: ## build the container image IMAGE (taller:VERSION) with docker, podman or buildah
	@$(DEPLOY)/image.sh $(IMAGE)

image-check: all ## build the image and run it read-only, without capabilities; skips what cannot be done here
	@src/deps/packages.sh install image
	@tests/image/check

compose-check: all ## k8s/compose.yaml with a docker daemon of its own: healthy, scraped, mail arrives, also after a kill (a minute)
	@src/deps/packages.sh install compose
	@tests/image/compose/check

# Archives of a release ----------------------------------------------------------------------------
.PHONY: dist dist-check
dist: ## build/dist: archives for amd64 and arm64 and their SHA256SUMS, the same bytes anywhere
	@src/deps/packages.sh install build dist
	@$(DEPLOY)/dist.sh build/dist

dist-check: all ## make dist, do it again elsewhere and compare; ask the arm64 program for a page (QUICK=1: compare the program alone)
	@src/deps/packages.sh install build dist
	@tests/dist/check $(if $(QUICK),--quick)

.PHONY: release-check
release-check: all ## everything a release is, made from nothing: dist-check, and the image compiled on a base of debootstrap (20 minutes)
	@src/deps/packages.sh install build dist image
	@tests/dist/check
	@tests/image/check --compile
