# AppArmor profiles of 'allow-list', written by armorc.
# layout: single (no rule that matters names a source)
# floor: runtime-default
# load with apparmor_parser -r, then start the container under 'armorc.allow-list'
# policy: shop/rules (rules.yaml:1)

profile armorc.allow-list flags=(attach_disconnected,mediate_deleted) {
  # -- programs --
  # shop/rules (rules.yaml:10) Allow exec /usr/sbin/nginx
  "/usr/sbin/nginx" ix,
  # -- files --
  # shop/rules (rules.yaml:11) Allow file /usr/ (recursive) readOnly
  "/usr{,/{,**}}" rkm,
  # shop/rules (rules.yaml:12) Allow file /var/cache/nginx/ (recursive)
  "/var/cache/nginx{,/{,**}}" rwlkm,
  # shop/rules (rules.yaml:11) Allow file /usr/ (recursive) readOnly
  audit deny "/usr{,/{,**}}" wl,
  # shop/rules (rules.yaml:13) Block file /usr/share/secret
  audit deny "/usr/share/secret{,/}" rwlkm,
  # -- network --
  # shop/rules (rules.yaml:14) Allow network tcp
  network inet stream,
  network inet6 stream,
  # -- capabilities --
  # shop/rules (rules.yaml:15) Allow capability net_bind_service
  capability net_bind_service,
  # -- other classes --
  umount,
  audit deny mount,
  dbus,
  ptrace (trace,read,tracedby,readby) peer=armorc.allow-list,
  signal (send,receive) peer=armorc.allow-list,
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
