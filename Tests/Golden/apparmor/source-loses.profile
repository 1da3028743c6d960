# AppArmor profiles of 'source-loses', written by armorc.
# layout: restricting (every source only loses rights)
# floor: runtime-default
# load with apparmor_parser -r, then start the container under 'armorc.source-loses'
# policy: shop/rules (rules.yaml:1)

profile armorc.source-loses flags=(attach_disconnected,mediate_deleted) {
  # -- programs --
  # programs are free
  "/{,**}" ix,
  # shop/rules (rules.yaml:10) a source
  "/usr/bin/cat" px -> armorc.source-loses//&armorc.source-loses.S01-cat,
  "/usr/bin/less" px -> armorc.source-loses//&armorc.source-loses.S01-cat,
  # shop/rules (rules.yaml:11), shop/rules (rules.yaml:12) a source
  "/usr/bin/python3" px -> armorc.source-loses//&armorc.source-loses.S02-python3,
  # -- files --
  # files are free
  "/{,**}" rwlkm,
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
  ptrace (trace,read,tracedby,readby) peer={armorc.source-loses,armorc.source-loses.S01-cat,armorc.source-loses.S02-python3,armorc.source-loses//&armorc.source-loses.S01-cat,armorc.source-loses//&armorc.source-loses.S02-python3},
  signal (send,receive) peer={armorc.source-loses,armorc.source-loses.S01-cat,armorc.source-loses.S02-python3,armorc.source-loses//&armorc.source-loses.S01-cat,armorc.source-loses//&armorc.source-loses.S02-python3},
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

# for /usr/bin/cat
# for /usr/bin/less
profile armorc.source-loses.S01-cat flags=(attach_disconnected,mediate_deleted) {
  # -- programs --
  # programs are free
  "/{,**}" px -> armorc.source-loses,
  # shop/rules (rules.yaml:10) a source
  "/usr/bin/cat" ix,
  "/usr/bin/less" ix,
  # shop/rules (rules.yaml:11), shop/rules (rules.yaml:12) a source
  "/usr/bin/python3" px -> armorc.source-loses.S02-python3,
  # -- files --
  # files are free
  "/{,**}" rwlkm,
  # shop/rules (rules.yaml:10) Block file /secret/ (recursive) from /usr/bin/cat, /usr/bin/less
  audit deny "/secret{,/{,**}}" rwlkm,
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
  ptrace (trace,read,tracedby,readby) peer={armorc.source-loses,armorc.source-loses.S01-cat,armorc.source-loses.S02-python3,armorc.source-loses//&armorc.source-loses.S01-cat,armorc.source-loses//&armorc.source-loses.S02-python3},
  signal (send,receive) peer={armorc.source-loses,armorc.source-loses.S01-cat,armorc.source-loses.S02-python3,armorc.source-loses//&armorc.source-loses.S01-cat,armorc.source-loses//&armorc.source-loses.S02-python3},
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

# for /usr/bin/python3
profile armorc.source-loses.S02-python3 flags=(attach_disconnected,mediate_deleted) {
  # -- programs --
  # programs are free
  "/{,**}" px -> armorc.source-loses,
  # shop/rules (rules.yaml:10) a source
  "/usr/bin/cat" px -> armorc.source-loses.S01-cat,
  "/usr/bin/less" px -> armorc.source-loses.S01-cat,
  # shop/rules (rules.yaml:11), shop/rules (rules.yaml:12) a source
  "/usr/bin/python3" ix,
  # shop/rules (rules.yaml:12) Block exec /bin/sh from /usr/bin/python3
  audit deny "/bin/sh" x,
  # -- files --
  # files are free
  "/{,**}" rwlkm,
  # -- network --
  # sockets are free
  network,
  unix,
  # shop/rules (rules.yaml:11) Block network tcp from /usr/bin/python3
  audit deny network inet stream,
  audit deny network inet6 stream,
  # -- capabilities --
  # capabilities are free
  capability,
  # -- other classes --
  umount,
  audit deny mount,
  dbus,
  ptrace (trace,read,tracedby,readby) peer={armorc.source-loses,armorc.source-loses.S01-cat,armorc.source-loses.S02-python3,armorc.source-loses//&armorc.source-loses.S01-cat,armorc.source-loses//&armorc.source-loses.S02-python3},
  signal (send,receive) peer={armorc.source-loses,armorc.source-loses.S01-cat,armorc.source-loses.S02-python3,armorc.source-loses//&armorc.source-loses.S01-cat,armorc.source-loses//&armorc.source-loses.S02-python3},
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
