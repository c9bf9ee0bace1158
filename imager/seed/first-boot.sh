#!/bin/sh
# Regain's first boot: tells the controller once that this machine runs, then
# removes what the installation left. cloud-init runs it on the first boot.
#
# Whom to call, with a token that is good for one call, stands in the file
# "callhome" of the CIDATA partition and is held in memory only. If the power fails
# before the end, the next boot does all of it again.
set -u
umask 077
give_up_after=600 # seconds

# What is said goes to every console: the screen, and a serial line if there is one.
say() {
	# shellcheck disable=SC2013 # words are what is wanted
	for console in $(cat /sys/class/tty/console/active); do
		echo "regain: $*" >"/dev/$console"
	done
}

# uptime in seconds; the clock may jump when the network comes up.
uptime_seconds() { cut -d. -f1 /proc/uptime; }

# root_disk is the disk that the root file system lies on, whatever is between.
root_disk() {
	lsblk --noheadings --raw --inverse --output NAME,TYPE "$(findmnt --noheadings --output SOURCE /)" |
		awk '$2 == "disk" { print $1; exit }'
}

# seed_partition is the CIDATA partition of that disk; another disk's is not ours.
seed_partition() {
	lsblk --noheadings --raw --paths --output NAME,LABEL "/dev/$1" |
		awk 'toupper($2) == "CIDATA" { print $1; exit }'
}

read_call() {
	dir=$(mktemp -d /run/regain.XXXXXX)
	mount -t vfat -o ro,nosuid,nodev,noexec "$1" "$dir" && {
		cat "$dir/callhome" 2>/dev/null
		umount "$dir"
	}
	rmdir "$dir"
}

# call makes the call once and prints the HTTP status, 000 for none. The secret
# comes by standard input: arguments can be read by anybody.
call() {
	printf '%s\n' "$config" | curl --config - --silent --noproxy '*' \
		--connect-timeout 5 --max-time 20 --output /dev/null --write-out '%{http_code}' \
		--header 'Content-Type: application/json' --data "$1"
}

# call_home calls until the controller has answered for good.
call_home() {
	body=$(printf '{"hostname":"%s","machine_id":"%s","root_device":"%s"}' \
		"$(hostname)" "$(cat /etc/machine-id)" "$disk")
	deadline=$(($(uptime_seconds) + give_up_after))
	while :; do
		status=$(call "$body")
		case $status in
		2*) say "the controller knows that this machine runs"; return ;;
		# Too many requests; a request that timed out.
		429 | 408) ;;
		4*) say "the controller refused the call ($status): its token was used before or withdrawn"; return ;;
		esac
		if [ "$(uptime_seconds)" -ge "$deadline" ]; then
			say "the controller was not reached: connect this machine to the bench network and install it again"
			return
		fi
		sleep 2
	done
}

leave_no_trace() {
	# cloud-init's work is done. Without this it would miss its seed.
	touch /etc/cloud/cloud-init.disabled
	rm -f /var/lib/cloud/instance/user-data.txt* /var/lib/cloud/instance/vendor-data* \
		/var/lib/cloud/instance/cloud-config.txt /var/lib/cloud/instance/obj.pkl \
		/var/lib/cloud/instance/scripts/* /run/cloud-init/instance-data*.json \
		/var/log/cloud-init.log /var/log/cloud-init-output.log
	sync
	# Last, since a boot that finds the seed begins anew.
	if [ -n "$seed" ]; then
		head -c "$(blockdev --getsize64 "$seed")" /dev/zero | dd of="$seed" bs=1M iflag=fullblock conv=fsync status=none
	fi
}

disk=$(root_disk)
seed=$(seed_partition "$disk")
config=
[ -z "$seed" ] || config=$(read_call "$seed")
[ -z "$config" ] || call_home
leave_no_trace
