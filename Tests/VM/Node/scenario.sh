# What the verbs promise, asked of the running kernel. Every line that fails says FAILED; the exit status is 1 then.
failed=0
check() { # check WORDS EXPECTED FOUND
  if [ "$2" = "$3" ]; then echo "passed $1"; else echo "FAILED $1: expected '$2', found '$3'"; failed=1; fi
}
status() { "$@" >/tmp/out 2>&1; echo $?; }
field() { armorc status --json | sed -n "s/^  \"$1\": \"*\([^\",]*\)\"*,*$/\1/p"; }

# A task that is asked through a fifo, so that no program is started for it: a file's name is answered by yes or no.
asker() {
  mkfifo /tmp/ask.$1 /tmp/answer.$1
  cat >/tmp/asker <<'END'
while read file; do
  [ "$file" = end ] && exit 0
  # Not ":", a special builtin: a redirection that fails would end the shell.
  if { true <"$file"; } 2>/dev/null; then echo yes; else echo no; fi >&4
done
END
}
ask() {
  answer=nothing
  echo $2 1<>/tmp/ask.$1
  read -t 30 answer <>/tmp/answer.$1
  echo $answer
}
start_asker() { # start_asker NAME COMMAND...
  name=$1
  shift
  asker $name
  # Opened for both directions: neither side waits for the other.
  "$@" sh /tmp/asker <>/tmp/ask.$name 4<>/tmp/answer.$name >/dev/null 2>&1 &
}

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
mkdir /cgroup/one
start_asker three sh -c 'echo $$ >/cgroup/one/cgroup.procs; exec "$@"' -
sleep 2
check "a task of a cgroup, before" yes "$(ask three /data/b)"
check "attach --cgroup" 0 "$(status armorc attach --domain node/13 --cgroup /cgroup/one)"
check "a task of the cgroup" no "$(ask three /data/b)"
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

# MARK: killed loads
armorc load /bundles/old >/dev/null
before=$(cut -d' ' -f1 /proc/uptime | tr -d .)
armorc load /bundles/new >/dev/null
whole=$(($(cut -d' ' -f1 /proc/uptime | tr -d .) - before))
kept=0
switched=0
round=0
side=new
while [ $round -lt $ROUNDS ]; do
  generation=$(field generation)
  if [ $((round % 2)) = 0 ]; then next=old; else next=new; fi
  armorc load /bundles/$next >/dev/null 2>&1 &
  loader=$!
  # Multiples of 618/1000 lie evenly; hundredths of seconds.
  delay=$((whole * ((round * 618) % 1000) / 800))
  usleep $((delay * 10000))
  kill -9 $loader 2>/dev/null
  wait $loader 2>/dev/null
  now=$(field generation)
  # All domains are of one generation, and decide as one bundle says.
  bundle=$(field bundle)
  bundle=${bundle##*/}
  [ "$now" = "$generation" ] && expected=$side || expected=$next
  case $expected in old) a=no b=yes ;; new) a=yes b=no ;; esac
  for name in one two three; do
    answers="$(ask $name /data/a) $(ask $name /data/b)"
    [ "$answers" = "$a $b" ] || check "round $round: task $name (generation $generation, then $now)" "$a $b" "$answers"
  done
  [ "$bundle" = "$expected" ] || check "round $round: bundle" "$expected" "$bundle"
  digests=$(armorc status --json | grep -c '"imageSHA256": "')
  [ "$digests" = 24 ] || check "round $round: domains" 24 "$digests"
  if [ "$now" = "$generation" ]; then kept=$((kept + 1)); else switched=$((switched + 1)); side=$next; fi
  round=$((round + 1))
done
echo "NOTE $ROUNDS loads killed within $whole hundredths of a second: $kept old, $switched new"
check "load after all that" 0 "$(status armorc load /bundles/old)"
check "decisions after all that" no "$(ask three /data/a)"

# MARK: unload
check "unload" 0 "$(status armorc unload)"
check "nothing is left" "" "$(find /sys/fs/bpf /run -mindepth 1 ! -name "*.debug")"
check "free again" yes "$(ask one /data/a)"
check "status" 1 "$(status armorc status)"
exit $failed
