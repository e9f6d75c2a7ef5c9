#!/bin/sh
# After 'make install' on the machine itself: makes the user and the data folder, tells systemd, and
# says what to do next. Without systemd it says what is left to do by hand.
#
# usage: PREFIX=/usr/local src/deploy/settle.sh        (as root)
set -eu

[ "$(id -u)" = 0 ] || { echo "install: only root can make the user taller and /var/lib/taller" >&2; exit 1; }

if ! command -v systemd-sysusers >/dev/null; then
    echo "Installed $PREFIX/bin/taller. There is no systemd here: make a user and a data folder, and run
$PREFIX/bin/taller serve --data FOLDER under your own service manager."
    exit 0
fi
systemd-sysusers "$PREFIX/lib/sysusers.d/taller.conf"
systemd-tmpfiles --create "$PREFIX/lib/tmpfiles.d/taller.conf"
if [ -d /run/systemd/system ]; then systemctl daemon-reload; fi
echo "Installed. The data folder is /var/lib/taller; its settings are in taller.conf there. Next:
  taller account create you@school.example --owner --data /var/lib/taller
  systemctl enable --now taller"
