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
ifconfig lo up
hostname node-1
for name in a b both sourced-a sourced-b free; do echo $name >/data/$name; done
option() { sed -n "s/.*\b$1=\([^ ]*\).*/\1/p" /proc/cmdline; }
export ROUNDS=$(option rounds) BURST=$(option burst)
echo "kernel $(uname -r) lsm $(cat /sys/kernel/security/lsm)"
for part in $(option parts | tr , ' '); do
  echo "part $part"
  sh /$part.sh
done
echo ENDED
poweroff -f
