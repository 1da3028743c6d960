#!/bin/busybox sh
# First process of the guest.
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
mount -t tmpfs run /run
mount -t tmpfs tmp /tmp
mount -t securityfs securityfs /sys/kernel/security
mount -t bpf bpf /sys/fs/bpf
mount -t cgroup2 cgroup /cgroup
for name in a b sourced-a sourced-b free; do echo $name >/data/$name; done
ROUNDS=$(sed -n 's/.*rounds=\([0-9]*\).*/\1/p' /proc/cmdline)
export ROUNDS
echo "kernel $(uname -r) lsm $(cat /sys/kernel/security/lsm)"
sh /scenario.sh && echo PASSED
poweroff -f
