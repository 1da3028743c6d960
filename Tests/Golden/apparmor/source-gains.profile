# AppArmor profiles of 'source-gains', written by armorc.
# layout: union (/usr/bin/vault may do what others may not)
# floor: runtime-default
# load with apparmor_parser -r, then start the container under 'armorc.source-gains'
# policy: shop/rules (rules.yaml:1)

profile armorc.source-gains flags=(attach_disconnected,mediate_deleted) {
  # -- programs --
  # programs are free
  "/{,**}" px -> armorc.source-gains//&armorc.source-gains.others,
  # shop/rules (rules.yaml:11) a source
  "/usr/bin/vault" px -> armorc.source-gains//&armorc.source-gains.S01-vault,
  # -- files --
  # shop/rules (rules.yaml:11) Allow file /secret/key from /usr/bin/vault
  "/secret/key{,/}" rwlkm,
  # shop/rules (rules.yaml:12) Allow file /usr/ (recursive) readOnly
  "/usr{,/{,**}}" rkm,
  # shop/rules (rules.yaml:13) Allow file /lib/ (recursive)
  "/lib{,/{,**}}" rwlkm,
  # shop/rules (rules.yaml:12) Allow file /usr/ (recursive) readOnly
  audit deny "/usr{,/{,**}}" wl,
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
  ptrace (trace,read,tracedby,readby) peer={armorc.source-gains,armorc.source-gains.others,armorc.source-gains.S01-vault,armorc.source-gains//&armorc.source-gains.others,armorc.source-gains//&armorc.source-gains.S01-vault},
  signal (send,receive) peer={armorc.source-gains,armorc.source-gains.others,armorc.source-gains.S01-vault,armorc.source-gains//&armorc.source-gains.others,armorc.source-gains//&armorc.source-gains.S01-vault},
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

profile armorc.source-gains.others flags=(attach_disconnected,mediate_deleted) {
  # -- programs --
  # programs are free
  "/{,**}" ix,
  # shop/rules (rules.yaml:11) a source
  "/usr/bin/vault" px -> armorc.source-gains.S01-vault,
  # -- files --
  # files are free
  "/{,**}" rwlkm,
  # shop/rules (rules.yaml:10) Block file /secret/ (recursive)
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
  ptrace (trace,read,tracedby,readby) peer={armorc.source-gains,armorc.source-gains.others,armorc.source-gains.S01-vault,armorc.source-gains//&armorc.source-gains.others,armorc.source-gains//&armorc.source-gains.S01-vault},
  signal (send,receive) peer={armorc.source-gains,armorc.source-gains.others,armorc.source-gains.S01-vault,armorc.source-gains//&armorc.source-gains.others,armorc.source-gains//&armorc.source-gains.S01-vault},
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

# for /usr/bin/vault
profile armorc.source-gains.S01-vault flags=(attach_disconnected,mediate_deleted) {
  # -- programs --
  # programs are free
  "/{,**}" px -> armorc.source-gains.others,
  # shop/rules (rules.yaml:11) a source
  "/usr/bin/vault" ix,
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
  ptrace (trace,read,tracedby,readby) peer={armorc.source-gains,armorc.source-gains.others,armorc.source-gains.S01-vault,armorc.source-gains//&armorc.source-gains.others,armorc.source-gains//&armorc.source-gains.S01-vault},
  signal (send,receive) peer={armorc.source-gains,armorc.source-gains.others,armorc.source-gains.S01-vault,armorc.source-gains//&armorc.source-gains.others,armorc.source-gains//&armorc.source-gains.S01-vault},
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
