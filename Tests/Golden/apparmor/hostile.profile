# AppArmor profiles of 'hostile', written by armorc.
# layout: single (no rule that matters names a source)
# floor: runtime-default
# load with apparmor_parser -r, then start the container under 'armorc.hostile'
# policy: shop/x\012/** rwlkm, (rules.yaml:1)

profile armorc.hostile flags=(attach_disconnected,mediate_deleted) {
  # -- programs --
  # programs are free
  "/{,**}" ix,
  # -- files --
  # files are free
  "/{,**}" rwlkm,
  # shop/x\012/** rwlkm, (rules.yaml:11) Audit file /\303\274n\303\257code/ (recursive)
  audit "/\303\274n\303\257code{,/{,**}}" rwl,
  # shop/x\012/** rwlkm, (rules.yaml:10) Block file /a b/"c",{d}[e]*?\134\012#f
  audit deny "/a\040b/\042c\042\054\173d\175\133e\135\052\077\134\012\043f{,/}" rwlkm,
  # -- network --
  # sockets are free
  network,
  unix,
  # -- capabilities --
  # capabilities are free
  capability,
  # -- other classes --
  umount,
  audit deny mount,
  dbus,
  ptrace (trace,read,tracedby,readby) peer=armorc.hostile,
  signal (send,receive) peer=armorc.hostile,
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
