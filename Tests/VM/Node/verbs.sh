# What the verbs promise, asked of the running kernel.
. /lib.sh

check "status of nothing" 1 "$(status armorc status)"
check "unload of nothing" 0 "$(status armorc unload)"
check "run without policies" 3 "$(status armorc run --domain node/10 -- true)"
check "probe" 0 "$(status armorc probe)"
check "load --check" 0 "$(status armorc load /bundles/old --check)"
check "nothing changed by --check" "" "$(find /sys/fs/bpf /run -mindepth 1 ! -name "*.debug")"

# MARK: load and run
check "load" 0 "$(status armorc load /bundles/old)"
cat /tmp/out
check "run: blocked" 1 "$(status armorc run --domain node/10 -- cat /data/a)"
check "run: allowed" 0 "$(status armorc run --domain node/10 -- cat /data/b)"
check "run: blocked for its source" 1 "$(status armorc run --domain node.10 -- busybox cat /data/sourced-a)"
check "run: the exit status" 7 "$(status armorc run --domain node/10 -- sh -c 'exit 7')"
check "run: no such command" 127 "$(status armorc run --domain node/10 -- nothing-of-this-name)"
check "run: not executable" 126 "$(status armorc run --domain node/10 -- /data/free)"
check "run: no such domain" 3 "$(status armorc run --domain node/99 -- true)"
check "nobody else" 0 "$(status cat /data/a)"

# MARK: running tasks
start_asker one armorc run --domain node/11 --
start_asker two sh -c 'exec "$@"' -
two=$!
sleep 3
check "a running task" no "$(ask one /data/a)"
check "a running task" yes "$(ask one /data/b)"
check "an unattached task" yes "$(ask two /data/a)"
check "attach --pid" 0 "$(status armorc attach --domain node/12 --pid $two)"
check "an attached task" no "$(ask two /data/a)"
check "an attached task's source" no "$(ask two /data/sourced-a)"
check "reload" 0 "$(status armorc load /bundles/new)"
check "a running task after the reload" yes "$(ask one /data/a)"
check "a running task after the reload" no "$(ask one /data/b)"
check "a source after the reload" no "$(ask one /data/sourced-b)"
check "a source after the reload" no "$(ask two /data/sourced-b)"
check "rollback" 0 "$(status armorc rollback)"
check "after the roll-back" no "$(ask one /data/a)"
check "after the roll-back" yes "$(ask two /data/b)"
check "rollback again" 3 "$(status armorc rollback)"
check "rollback --forward" 0 "$(status armorc rollback --forward)"
check "after going forward" no "$(ask two /data/b)"
check "tasks in the status" 2 "$(armorc status --json | grep -c '"processes": 1,')"

# MARK: control groups
mkdir -p /cgroup/one/inside /cgroup/one/anothers
start_asker three sh -c 'echo $$ >/cgroup/one/cgroup.procs; exec "$@"' -
sleep 2
check "a task of a cgroup, before" yes "$(ask three /data/b)"
check "attach --cgroup" 0 "$(status armorc attach --domain node/13 --cgroup /cgroup/one)"
cat /tmp/out
check "a task of the cgroup" no "$(ask three /data/b)"
enters() { status sh -c "echo \$\$ >/cgroup/$1/cgroup.procs; exec cat $2"; }
check "who enters a group that was below it" 1 "$(enters one/inside /data/b)"
mkdir -p /cgroup/one/later/deep
check "who enters a group that was made below it since" 1 "$(enters one/later /data/b)"
check "who enters a group below that" 1 "$(enters one/later/deep /data/b)"
groups() { armorc status --json | sed -n 's/^ *"cgroups": \([1-9][0-9]*\),*$/\1/p' | tr '\n' ' '; }
check "groups in the status" "5 " "$(groups)"
rmdir /cgroup/one/later/deep /cgroup/one/later
check "removed groups are forgotten" "3 " "$(groups)"
start_asker four sh -c 'echo $$ >/cgroup/one/anothers/cgroup.procs; exec "$@"' -
sleep 1
check "a group below for another" 0 "$(status armorc attach --domain node/14 --cgroup /cgroup/one/anothers)"
check "the upper group again" 0 "$(status armorc attach --domain node/15 --cgroup /cgroup/one)"
check "what was another's stays so" "1 2 " "$(groups)"
check "no cgroup2" 3 "$(status armorc attach --domain node/13 --cgroup /data)"
check "who enters the cgroup" 1 "$(status sh -c 'echo $$ >/cgroup/one/cgroup.procs; exec cat /data/b')"
check "who has left the cgroup" 1 "$(status sh -c 'echo $$ >/cgroup/one/cgroup.procs; echo $$ >/cgroup/cgroup.procs; exec cat /data/b')"

# MARK: confirmation
check "load --confirm-within" 0 "$(status armorc load /bundles/old --confirm-within 4s)"
check "unconfirmed" no "$(ask one /data/a)"
sleep 8
check "rolled back by itself" no "$(ask one /data/b)"
check "too late" 3 "$(status armorc confirm)"
check "load --confirm-within" 0 "$(status armorc load /bundles/old --confirm-within 60s)"
check "load over an unconfirmed one" 3 "$(status armorc load /bundles/new)"
check "confirm" 0 "$(status armorc confirm)"
check "confirmed" no "$(ask one /data/a)"

# MARK: a task of a domain
check "a task cannot load" 3 "$(status armorc run --domain node/10 -- armorc load /bundles/new)"
check "a task cannot unload" 3 "$(status armorc run --domain node/10 -- armorc unload)"
check "a task cannot attach itself elsewhere" 3 "$(status armorc run --domain node/10 -- armorc run --domain node/11 -- true)"
check "still in force" no "$(ask one /data/a)"

# MARK: system calls
programs() { armorc status --json | grep -c "\"$1\""; }
check "without rules nobody listens to system calls" 0 "$(programs armor_syscall)"
check "rules for system calls" 0 "$(status armorc load /bundles/calls)"
check "somebody listens" 1 "$(programs armor_syscall)"
check "rollback" 0 "$(status armorc rollback)"
check "nobody listens any more" 0 "$(programs armor_syscall)"
check "rollback --forward" 0 "$(status armorc rollback --forward)"
check "somebody listens again" 1 "$(programs armor_syscall)"
check "load" 0 "$(status armorc load /bundles/old)"

# MARK: another armorc
# A task that tries without an end what both bundles deny, while everything is exchanged under it.
armorc run --domain node/16 -- burst /data/both 0 >/tmp/tries &
tries=$!
sleep 2
object() { find /sys/fs/bpf/armorc -maxdepth 1 -name 'object_*'; }
old=$(object)
check "load of another armorc" 0 "$(status other-armorc load /bundles/new)"
check "it exchanges the programs" 1 "$(grep -c "exchanged" /tmp/out)"
[ "$(object)" != "$old" ] && exchanged=yes || exchanged=no
check "and says whose they are" yes $exchanged
check "a running task is still confined" no "$(ask one /data/b)"
check "by the new bundle" yes "$(ask one /data/a)"
check "its rollback" 0 "$(status other-armorc rollback)"
check "the first armorc again" 0 "$(status armorc load /bundles/new)"
check "is in place again" "$old" "$(object)"
check "once more exchanges nothing" 0 "$(armorc load /bundles/old | grep -c exchanged)"
kill -TERM $tries
wait $tries 2>/dev/null
check "nothing was ever let through" "opened 0" "$(cut -d, -f1 /tmp/tries)"
echo "NOTE meanwhile: $(cat /tmp/tries)"
mv "$old" "${old%/*}/object_0_0"
check "what cannot be taken over" 3 "$(status other-armorc load /bundles/new)"
check "says what to do" 1 "$(grep -c "armorc unload" /tmp/out)"
check "and stays in force" no "$(ask one /data/a)"

# MARK: the enforcer that a bundle was built for
check "profiles where there is no AppArmor" 3 "$(status armorc load /bundles/profiles)"
check "while BPF is in force" 1 "$(grep -c "in force on this node and the bundle holds AppArmor profiles" /tmp/out)"

# MARK: unload
check "unload" 0 "$(status armorc unload)"
nothing_left
check "free again" yes "$(ask one /data/a)"
check "status" 1 "$(status armorc status)"
check "profiles where there is no AppArmor" 3 "$(status armorc load /bundles/profiles)"
check "says what the bundle holds and what to do" 1 \
  "$(grep -c "the bundle holds AppArmor profiles; apparmor does not work here: .*: build the bundle with --target bpf" /tmp/out)"
nothing_left
for name in one two three four; do end_asker $name; done
