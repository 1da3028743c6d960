# AppArmor profiles of 'network-block', written by armorc.
# layout: single (no rule that matters names a source)
# floor: runtime-default
# load with apparmor_parser -r, then start the container under 'armorc.network-block'
# policy: shop/rules (rules.yaml:1)

profile armorc.network-block flags=(attach_disconnected,mediate_deleted) {
  # -- programs --
  # programs are free
  "/{,**}" ix,
  # -- files --
  # files are free
  "/{,**}" rwlkm,
  # -- network --
  # sockets are free
  network,
  unix,
  # shop/rules (rules.yaml:10) Block network raw
  audit deny network raw,
  # shop/rules (rules.yaml:10), shop/rules (rules.yaml:11) Block network raw; Block network packet
  audit deny network packet,
  # shop/rules (rules.yaml:12) Block network icmp
  audit deny network inet dgram,
  # -- capabilities --
  # capabilities are free
  capability,
  # -- other classes --
  umount,
  audit deny mount,
  dbus,
  ptrace (trace,read,tracedby,readby) peer=armorc.network-block,
  signal (send,receive) peer=armorc.network-block,
  signal (receive) peer=unconfined,
  signal (receive) peer={/usr/bin/,/usr/sbin/,}{runc,crun},
  # -- floor: what container runtimes protect --
  # files directly in /proc
  audit deny "/proc/*" w,
  # all of /proc but /proc/<number> and /proc/sys
  audit deny "/proc/{[^1-9\000],[^1-9\000][^0-9\000],[^1-9s\000][^0-9y\000][^0-9s\000],[^1-9\000][^0-9\000][^0-9\000][^0-9\000]*}/**" w,
  # /proc/sys but /proc/sys/k*
  audit deny "/proc/sys/[^k\000]**" w,
  # /proc/sys/kernel but shm*
  audit deny "/proc/sys/kernel/{?,??,[^s\000][^h\000][^m\000]**}" w,
  audit deny "/proc/sysrq-trigger" rwlkx,
  audit deny "/proc/kcore" rwlkx,
  # all of /sys but /sys/fs/cgroup
  audit deny "/sys/[^f\000]*/**" wlx,
  audit deny "/sys/f[^s\000]*/**" wlx,
  audit deny "/sys/fs/[^c\000]*/**" wlx,
  audit deny "/sys/fs/c[^g\000]*/**" wlx,
  audit deny "/sys/fs/cg[^r\000]*/**" wlx,
  audit deny "/sys/firmware/**" rwlkx,
  audit deny "/sys/devices/virtual/powercap/**" rwlkx,
  audit deny "/sys/kernel/security/**" rwlkx,
}
