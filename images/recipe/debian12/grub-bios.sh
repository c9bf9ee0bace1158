#!/bin/sh
# Puts GRUB for BIOS onto a raw disk as grub-bios-setup would, which wants a block
# device.
#
#   grub-bios.sh ROOT CORE_CFG WORK DISK
#
# The places are those of GRUB 2.06: grub-core/boot/i386/pc/boot.S and diskboot.S.
set -eu

root=$1 config=$2 work=$3 disk=$4
core_sector=2048 # where the BIOS boot partition begins
modules="biosdisk part_gpt ext2 search search_fs_uuid normal configfile linux echo test serial terminal"

# little NUMBER BYTES: a number as bytes, lowest first.
little() {
	n=$1 i=0
	while [ $i -lt "$2" ]; do
		# shellcheck disable=SC2059 # the format is the byte
		printf "\\$(printf %03o $((n & 255)))"
		n=$((n >> 8)) i=$((i + 1))
	done
}
poke() { little "$3" "$4" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none; }

cp "$config" "$root/tmp/core.cfg"
# shellcheck disable=SC2086 # modules are words
chroot "$root" grub-mkimage -O i386-pc -o /tmp/core.img -p /boot/grub -c /tmp/core.cfg $modules
cp "$root/usr/lib/grub/i386-pc/boot.img" "$work/boot.img"
mv "$root/tmp/core.img" "$work/core.img"
rm "$root/tmp/core.cfg"
[ "$(stat -c %s "$work/core.img")" -le $((1024 * 1024)) ] || { echo "core.img does not fit its partition" >&2; exit 1; }

# boot.img loads this sector first (kernel_sector).
poke "$work/boot.img" 92 $core_sector 8
# The drive is the one that the BIOS says; some say it wrongly, so that the check
# for a floppy's number is left out (boot_drive_check: two NOPs).
poke "$work/boot.img" 102 $((0x9090)) 2
# The first sector of core.img loads the rest from the one after it (the last block
# list entry).
poke "$work/core.img" 500 $((core_sector + 1)) 8

# The first 440 bytes only: the partition table of the protective MBR stays.
dd if="$work/boot.img" of="$disk" bs=440 count=1 conv=notrunc status=none
dd if="$work/core.img" of="$disk" bs=512 seek=$core_sector conv=notrunc status=none
