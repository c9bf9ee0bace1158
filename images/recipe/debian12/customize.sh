#!/bin/sh
# Called by mmdebstrap with the new root directory, once all packages are in it.
set -eu
root=$1
here=$(cd "$(dirname "$0")" && pwd)

# The overlay's files become root's, and readable whatever the umask was when they
# were checked out.
umask 022
(cd "$here/overlay" && find . -type f) | while read -r file; do
	mkdir -p "$root/$(dirname "$file")"
	cp "$here/overlay/$file" "$root/$file"
	chmod u=rwX,go=rX "$root/$file"
done
chmod 440 "$root/etc/sudoers.d/hardening"

# No password for anybody, and no shell for root (it stays reachable by sudo).
chroot "$root" passwd --quiet --lock root

chroot "$root" systemctl --quiet enable nftables systemd-networkd systemd-resolved \
	systemd-timesyncd apparmor
# sshd is installed for those who want it, and off.
chroot "$root" systemctl --quiet disable ssh
# Nothing in the boot waits for a network.
chroot "$root" systemctl --quiet mask systemd-networkd-wait-online.service
# Of cloud-init, a stage without modules and the watch for new ports.
chroot "$root" systemctl --quiet mask cloud-config.service
chroot "$root" systemctl --quiet disable cloud-init-hotplugd.socket
# Updates run by timers; this service would only do so at shutdown.
chroot "$root" systemctl --quiet disable unattended-upgrades
# For file systems on LVM.
chroot "$root" systemctl --quiet disable e2scrub_reap e2scrub_all.timer
chroot "$root" systemctl --quiet set-default multi-user.target

# AppArmor's profiles are compiled here rather than on the first boot. The cache is
# named after the kernel's features, which are those of Debian 12's kernel; were
# they others, the machine would compile the profiles itself.
cp "$here/apparmor-features" "$root/tmp/features"
chroot "$root" apparmor_parser --skip-kernel-load --write-cache \
	--cache-loc=/var/cache/apparmor --kernel-features=/tmp/features /etc/apparmor.d
rm "$root/tmp/features"

# Each machine makes its own: an empty machine-id is filled on the first boot, and
# does not count as a first boot that resets what is enabled (machine-id(5)).
: >"$root/etc/machine-id"
rm -f "$root/var/lib/dbus/machine-id" "$root/var/lib/systemd/random-seed" "$root"/etc/ssh/ssh_host_*
echo localhost >"$root/etc/hostname"
printf '127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n' >"$root/etc/hosts"
ln -sf ../run/systemd/resolve/stub-resolv.conf "$root/etc/resolv.conf"
rm -rf "$root"/var/log/*.log "$root"/var/log/apt/* "$root"/var/cache/apt/*.bin "$root"/var/lib/cloud/*
