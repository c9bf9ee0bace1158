#!/bin/sh
# Called by mmdebstrap with the new root directory, once all packages are in it.
set -eu
root=$1
here=$(cd "$(dirname "$0")" && pwd)

cp -r --preserve=mode "$here/overlay/." "$root/"
chown -R root:root "$root/etc" "$root/usr/local"

# No password for anybody, and no shell for root (it stays reachable by sudo).
chroot "$root" passwd --quiet --lock root

chroot "$root" systemctl --quiet enable nftables systemd-networkd systemd-resolved \
	systemd-timesyncd apparmor unattended-upgrades
# sshd is installed for those who want it, and off.
chroot "$root" systemctl --quiet disable ssh
# Nothing in the boot waits for a network.
chroot "$root" systemctl --quiet mask systemd-networkd-wait-online.service
chroot "$root" systemctl --quiet disable cloud-init-hotplugd.socket

# Each machine makes its own: an empty machine-id is filled on the first boot, and
# does not count as a first boot that resets what is enabled (machine-id(5)).
: >"$root/etc/machine-id"
rm -f "$root/var/lib/dbus/machine-id" "$root/var/lib/systemd/random-seed" "$root"/etc/ssh/ssh_host_*
echo localhost >"$root/etc/hostname"
printf '127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n' >"$root/etc/hosts"
ln -sf ../run/systemd/resolve/stub-resolv.conf "$root/etc/resolv.conf"
rm -rf "$root"/var/log/*.log "$root"/var/log/apt/* "$root"/var/cache/apt/*.bin "$root"/var/lib/cloud/*
