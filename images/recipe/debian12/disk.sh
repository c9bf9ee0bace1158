#!/bin/sh
# Makes a raw disk of a root directory, without mounting anything.
#
#   disk.sh ROOT OUT.raw
#
# Sectors have 512 bytes. Every partition but the first begins on a multiple of
# 4 MiB, so that what the agent rewrites (CIDATA) shares no frame with the rest.
#
#   1  bios    1 MiB   GRUB for BIOS, in a BIOS boot partition
#   2  ESP     64 MiB  shim and GRUB, for UEFI with and without Secure Boot
#   3  CIDATA  4 MiB   empty; the identity comes here
#   4  root    the rest; it grows
set -eu

root=$1
out=$2
here=$(cd "$(dirname "$0")" && pwd)
mib=$((1024 * 1024))
size_mib=2048
esp_mib=4 esp_size_mib=64
cidata_mib=68 cidata_size_mib=4
root_mib=72
# The last MiB is the backup GPT's.
root_size_mib=$((size_mib - root_mib - 1))

root_uuid=$(cat /proc/sys/kernel/random/uuid)
esp_id=$(printf %s "$root_uuid" | cut -c1-8 | tr a-f A-F)
esp_uuid=$(printf %s "$esp_id" | sed 's/^..../&-/')

work=$(mktemp -d "$(dirname "$out")/disk.XXXXXX")
trap 'rm -rf "$work"' EXIT

fill() { sed -e "s/@ROOT_UUID@/$root_uuid/g" -e "s/@ESP_UUID@/$esp_uuid/g" "$1"; }

partition() {
	truncate -s "${size_mib}M" "$out"
	sgdisk --clear \
		--new=1:2048:+1M --typecode=1:ef02 --change-name=1:bios \
		--new=2:$((esp_mib * 2048)):+${esp_size_mib}M --typecode=2:ef00 --change-name=2:ESP \
		--new=3:$((cidata_mib * 2048)):+${cidata_size_mib}M --typecode=3:0700 --change-name=3:CIDATA \
		--new=4:$((root_mib * 2048)):+${root_size_mib}M --typecode=4:8304 --change-name=4:root \
		"$out" >"$work/sgdisk.log" || { cat "$work/sgdisk.log" >&2; exit 1; }
}

# Writes a file system image into its partition.
place() { dd if="$1" of="$out" bs=1M seek="$2" conv=notrunc,sparse status=none; }

make_esp() {
	truncate -s "${esp_size_mib}M" "$work/esp"
	mkfs.vfat -F 32 -n ESP -i "$esp_id" "$work/esp" >/dev/null
	mmd -i "$work/esp" ::EFI ::EFI/BOOT ::EFI/debian
	# shim starts grubx64.efi beside it. Without fbx64.efi there it does not
	# look for boot entries to restore first.
	mcopy -i "$work/esp" "$root/usr/lib/shim/shimx64.efi.signed" ::EFI/BOOT/BOOTX64.EFI
	mcopy -i "$work/esp" "$root/usr/lib/grub/x86_64-efi-signed/grubx64.efi.signed" ::EFI/BOOT/grubx64.efi
	fill "$here/grub-esp.cfg" >"$work/esp.cfg"
	mcopy -i "$work/esp" "$work/esp.cfg" ::EFI/BOOT/grub.cfg
	# Debian's signed GRUB looks here first.
	mcopy -i "$work/esp" "$work/esp.cfg" ::EFI/debian/grub.cfg
	place "$work/esp" $esp_mib
}

make_cidata() {
	truncate -s "${cidata_size_mib}M" "$work/cidata"
	mkfs.vfat -n CIDATA "$work/cidata" >/dev/null
	place "$work/cidata" $cidata_mib
}

make_root() {
	mkdir -p "$root/boot/grub" "$root/boot/efi"
	fill "$here/grub.cfg" >"$root/boot/grub/grub.cfg"
	fill "$here/fstab" >"$root/etc/fstab"
	chmod 700 "$root/boot" # ANSSI-BP-028 R29
	# The file system is made for what it will grow to.
	mke2fs -q -F -t ext4 -L root -U "$root_uuid" -d "$root" \
		-E "offset=$((root_mib * mib)),lazy_itable_init=0,lazy_journal_init=0,nodiscard" \
		"$out" "${root_size_mib}M"
}

make_bios() {
	fill "$here/grub-core.cfg" >"$work/core.cfg"
	"$here/grub-bios.sh" "$root" "$work/core.cfg" "$work" "$out"
}

partition
make_esp
make_cidata
make_root
make_bios
