# AppArmor profiles of 'host', written by armorc.
# layout: attached (a host's programs are attached to by path)
# load with apparmor_parser -r; the kernel attaches them by path, to programs started from then on
# policy: rules (rules.yaml:1)

profile armorc.host "/{,**}" flags=(attach_disconnected,mediate_deleted) {
  # -- programs --
  # programs are free
  "/{,**}" ix,
  # rules (rules.yaml:11) a source
  "/usr/bin/cat" px -> armorc.host.S01-cat,
  "/usr/bin/less" px -> armorc.host.S01-cat,
  # -- files --
  # files are free
  "/{,**}" rwlkm,
  # rules (rules.yaml:10) Block file /etc/shadow
  audit deny "/etc/shadow{,/}" rwlkm,
  # -- network --
  # sockets are free
  network,
  unix,
  # -- capabilities --
  # capabilities are free
  capability,
  # -- other classes --
  mount,
  umount,
  pivot_root,
  remount,
  ptrace,
  signal,
  dbus,
}

# for /usr/bin/cat
# for /usr/bin/less
profile armorc.host.S01-cat "/{usr/bin/cat,usr/bin/less}" flags=(attach_disconnected,mediate_deleted) {
  # -- programs --
  # programs are free
  "/{,**}" px -> armorc.host,
  # rules (rules.yaml:11) a source
  "/usr/bin/cat" ix,
  "/usr/bin/less" ix,
  # -- files --
  # files are free
  "/{,**}" rwlkm,
  # rules (rules.yaml:10) Block file /etc/shadow
  audit deny "/etc/shadow{,/}" rwlkm,
  # rules (rules.yaml:11) Block file /etc/kubernetes/admin.conf from /usr/bin/cat, /usr/bin/less
  audit deny "/etc/kubernetes/admin.conf{,/}" rwlkm,
  # -- network --
  # sockets are free
  network,
  unix,
  # -- capabilities --
  # capabilities are free
  capability,
  # -- other classes --
  mount,
  umount,
  pivot_root,
  remount,
  ptrace,
  signal,
  dbus,
}
