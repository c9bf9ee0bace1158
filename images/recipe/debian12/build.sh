#!/bin/sh
# Builds the hardened Debian 12 master image as a raw disk.
#
#   build.sh OUT.raw
#
# Runs as root on Debian 12 with mmdebstrap, gdisk, e2fsprogs, dosfstools and
# mtools. It needs no loop device and no network but apt's. MIRROR and
# SECURITY_MIRROR name other package sources than deb.debian.org.
set -eu

out=${1:?usage: build.sh OUT.raw}
here=$(cd "$(dirname "$0")" && pwd)
mirror=${MIRROR:-http://deb.debian.org/debian}
security=${SECURITY_MIRROR:-http://deb.debian.org/debian-security}
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
