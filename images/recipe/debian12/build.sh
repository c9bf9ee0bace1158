#!/bin/sh
# Builds the hardened Debian 12 master image as a raw disk.
#
#   build.sh OUT.raw
#
# Runs as root on Debian 12 with mmdebstrap, gdisk, e2fsprogs, dosfstools and
# mtools. It needs no loop device and no network but apt's. Packages come from
# where this host's do, and so will the installed machines'; MIRROR and
# SECURITY_MIRROR name other sources.
set -eu

out=${1:?usage: build.sh OUT.raw}
here=$(cd "$(dirname "$0")" && pwd)

# source_of SUITE: where this host gets it from.
source_of() {
	apt-get indextargets --format '$(CODENAME) $(REPO_URI)' 'Identifier: Packages' | sed -n "s|^$1 \\(.*[^/]\\)/*\$|\\1|p" | head -n 1
}
mirror=${MIRROR:-$(source_of bookworm)}
security=${SECURITY_MIRROR:-$(source_of bookworm-security)}
[ -n "$mirror" ] && [ -n "$security" ] || { echo "build.sh: this host has no source of bookworm and bookworm-security: set MIRROR and SECURITY_MIRROR" >&2; exit 1; }
[ "$(id -u)" = 0 ] || { echo "build.sh: run it as root" >&2; exit 1; }

work=$(mktemp -d "${TMPDIR:-/var/tmp}/regain-debian12.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

packages=$(sed 's/#.*//' "$here/packages" | tr -s ' \t\n' ',' | sed 's/^,//; s/,$//')
echo "build.sh: fetching and unpacking packages (about 2 minutes)"
mmdebstrap --mode=root --variant=minbase --format=directory --quiet \
	--aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Retries "3"' \
	--dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
	--dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
	--include="$packages" \
	--essential-hook="copy-in '$here/overlay/etc/initramfs-tools' '$here/overlay/etc/modprobe.d' /etc" \
	--customize-hook="$here/customize.sh" \
	bookworm "$work/root" \
	"deb $mirror bookworm main non-free-firmware" \
	"deb $mirror bookworm-updates main non-free-firmware" \
	"deb $security bookworm-security main non-free-firmware"

echo "build.sh: laying out the disk"
"$here/disk.sh" "$work/root" "$work/disk.raw"
mv "$work/disk.raw" "$out.part"
sync "$out.part"
mv "$out.part" "$out"
echo "build.sh: $out is done"
