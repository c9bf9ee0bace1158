#!/bin/bash
# Fetches Debian's firmware packages and unpacks them below OUT:
#
#   OUT/lib/firmware   the files
#   OUT/licences       their copyright files, one for each source package
#   OUT/list           "PACKAGE VERSION" a line; empty if nothing could be had
#
# Most of them are in the component non-free-firmware, which a host need not have
# switched on. So apt is asked with a configuration of its own: the host's Debian
# archives with that component, everything below OUT. Nothing of the host changes.
# What cannot be fetched is said loudly and is no error: the agent works without
# firmware, on fewer machines. The next run tries again.
set -euo pipefail

out=$(realpath -m "${1:?usage: fetch-firmware.sh OUT}")
nonfree=(firmware-realtek firmware-misc-nonfree firmware-bnx2 firmware-bnx2x)
free=(firmware-linux-free)
keys=/usr/share/keyrings/debian-archive-keyring.gpg

[[ -s $out/list ]] && exit 0
mkdir -p "$out"
work=$out/work
rm -rf "$work"
mkdir -p "$work"/{state/lists/partial,cache/archives/partial,debs}
trap 'rm -rf "$work"' EXIT

cat > "$work/apt.conf" <<END
Dir::State "$work/state";
Dir::State::status "/dev/null";
Dir::Cache "$work/cache";
Dir::Etc::sourcelist "$work/sources.list";
Dir::Etc::sourceparts "-";
Acquire::Languages "none";
END

fetch() {
	apt-get indextargets --format '$(ORIGIN) $(REPO_URI) $(RELEASE)' 'Created-By: Packages' |
		awk -v keys="$keys" '$1 == "Debian" { print "deb [signed-by=" keys "] " $2 " " $3 " non-free-firmware" }' |
		sort -u > "$work/sources.list"
	[[ -s $work/sources.list ]] || { echo "apt knows no Debian archive: run \"apt-get update\""; return 1; }
	cd "$work/debs"
	APT_CONFIG=$work/apt.conf apt-get -qq -o APT::Sandbox::User=root -o APT::Update::Error-Mode=any update || return 1
	APT_CONFIG=$work/apt.conf apt-get -qq -o APT::Sandbox::User=root download "${nonfree[@]}" || return 1
	apt-get -qq -o APT::Sandbox::User=root download "${free[@]}" || return 1
}

if ! fetch > "$work/log" 2>&1; then
	sed 's/^/    /' "$work/log" >&2
	cat >&2 <<'END'

    ****  The firmware of network cards could not be fetched (component
    ****  non-free-firmware of Debian's archive). The initramfs is made WITHOUT
    ****  it: some Realtek and Broadcom adapters will have no network, or run
    ****  unsteadily. Make the archive reachable and run make again.

END
	[[ -e $out/list ]] || : > "$out/list"
	exit 0
fi

mkdir -p "$work/new/licences"
for deb in "$work"/debs/*.deb; do
	package=$(dpkg-deb -f "$deb" Package)
	source=$(dpkg-deb -f "$deb" Source)
	dpkg-deb -x "$deb" "$work/all"
	cp "$work/all/usr/share/doc/$package/copyright" "$work/new/licences/${source:-$package}.txt"
	echo "$package $(dpkg-deb -f "$deb" Version)" >> "$work/new/list"
done
rm -rf "$out/lib" "$out/licences"
mv "$work/all/lib" "$out/lib"
mv "$work/new/licences" "$out/licences"
mv "$work/new/list" "$out/list"
