#!/bin/busybox sh
# Runs in the guest. A line `ok NAME` or `FAILED NAME` per check, `END` at last.
export PATH=/usr/bin:/usr/sbin:/bin
/bin/busybox --install -s /bin
rm /bin/ls && cp /bin/busybox /bin/ls
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev 2>/dev/null
[ -e /dev/fd ] || ln -s /proc/self/fd /dev/fd
mkdir -p /dev/pts && mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /run
printf 'root:x:0:0::/:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n' >/etc/passwd
mount -t securityfs securityfs /sys/kernel/security
mount -t bpf bpf /sys/fs/bpf
mount -t cgroup2 cgroup2 /sys/fs/cgroup
exec </dev/null >/dev/console 2>&1
option() { sed -n "s/.*\b$1=\([^ ]*\).*/\1/p" /proc/cmdline; }
rounds=$(option rounds)
state=$(option seed)
checks=$(option checks)
aa=/sys/kernel/security/apparmor

# A number below $1, by a linear congruence: not in a subshell, which would forget the state.
random() { state=$(((state * 1103515245 + 12345) & 2147483647)); number=$(((state >> 8) % $1)); }
ok() { echo "ok $*"; }
bad() { echo "FAILED $*"; }
# check NAME COMMAND…: that it succeeds; refuse NAME COMMAND…: that it does not.
check() { name=$1; shift; if "$@" >/tmp/out 2>&1; then ok "$name"; else bad "$name: status $?: $(tail -n 3 /tmp/out | tr '\n' ' ')"; fi; }
refuse() { name=$1; shift; if "$@" >/tmp/out 2>&1; then bad "$name: $(tail -n 3 /tmp/out | tr '\n' ' ')"; else ok "$name"; fi; }
# says NAME TEXT: that the last command wrote it.
says() { if grep -q -- "$2" /tmp/out; then ok "$1"; else bad "$1: $(tail -n 3 /tmp/out | tr '\n' ' ')"; fi; }

# A program in a profile, as container runtimes enter it.
in_profile() { sh -c 'echo "exec $0" >/proc/self/attr/exec && exec "$@"' "$@"; }
# Which generation a subject's profile enforces: one, two, none, both.
enforced() {
  one=allowed two=allowed
  in_profile "$1" cat /probe/one >/dev/null 2>&1 || one=denied
  in_profile "$1" cat /probe/two >/dev/null 2>&1 || two=denied
  case $one-$two in denied-allowed) word=one ;; allowed-denied) word=two ;; *) word=$one-$two ;; esac
}
ours() { sed -n 's/^\(armorc\.[^ ]*\) .*/\1/p' $aa/profiles | sort | tr '\n' ' '; }
# What is in force for all subjects that both generations have, or the mixture.
in_force() {
  enforced armorc.shop.cart.cart
  first=$word
  enforced armorc.shop.web.web
  [ "$first" = "$word" ] || word="a mixture of $first and $word"
  blobs=$(cat $aa/policy/profiles/armorc.shop.cart.*/raw_sha* $aa/policy/profiles/armorc.shop.web.*/raw_sha* | sort -u | wc -l)
  [ "$blobs" = 1 ] || word="$blobs different writes"
}
load() { armorc load --enforcer apparmor "$@"; }

generations() {
  refuse "status before any load" armorc status --enforcer apparmor
  says "status says so" "nothing is loaded"
  printf 'profile other /nowhere { /x r, }\nprofile armorc.byhand /nowhere2 { /x r, }\n' >/tmp/other
  apparmor_parser --config-file /dev/null -K -r /tmp/other
  check "probe" armorc probe
  says "probe finds AppArmor" "apparmor: works here"
  check "a dry run" load /one --check
  [ -z "$(ours | sed 's/armorc.byhand //')" ] && ok "a dry run changes nothing" || bad "a dry run loaded $(ours)"
  check "first load" load /one
  in_force; [ "$word" = one ] && ok "first generation enforced" || bad "first generation: $word"
  check "status" armorc status --enforcer apparmor
  says "status shows profiles" "armorc.shop.store.store *enforce"
  armorc status --enforcer apparmor | sed 's/^/note   /' | head -n 20
  refuse "an executable that is blocked" armorc run --enforcer apparmor --domain shop/cart -- /bin/ls /
  check "a file that is not" armorc run --enforcer apparmor --domain shop/cart -- cat /probe/two
  refuse "a file that is" armorc run --enforcer apparmor --domain shop/cart -- cat /probe/one
  says "with a denial" "Permission denied"
  refuse "an unknown domain" armorc run --enforcer apparmor --domain shop/nothing -- cat /probe/one
  armorc run --enforcer apparmor --domain shop/web -- sh -c 'while :; do cat /probe/one /probe/two; sleep 1; done' >/tmp/web 2>&1 &
  web=$!
  sleep 1
  armorc status --enforcer apparmor | grep -q 'shop.web.web *[1-9]' && ok "status counts processes" || bad "status counts no process"
  check "second load" load /two
  says "it names what has no policy any more" "no policy any more: shop.store.store"
  in_force; [ "$word" = two ] && ok "second generation enforced" || bad "second generation: $word"
  case $(ours) in *store*) bad "the store's profile is still there" ;; *) ok "what the bundle lacks is removed" ;; esac
  sleep 3
  tail -n 2 /tmp/web | grep -q "one" && ok "running tasks are confined by the new generation" || bad "running: $(tail -n 2 /tmp/web | tr '\n' ' ')"
  kill $web
  check "rollback" armorc rollback --enforcer apparmor
  in_force; [ "$word" = one ] && ok "rolled back" || bad "rolled back: $word"
  case $(ours) in *store*) ok "the store's profile is back" ;; *) bad "the store's profile is not back: $(ours)" ;; esac
  refuse "nothing before it" armorc rollback --enforcer apparmor
  check "rollback --forward" armorc rollback --enforcer apparmor --forward
  in_force; [ "$word" = two ] && ok "forward again" || bad "forward: $word"
  # A profile that does not compile: nothing is touched.
  cp -a /one /broken
  before=$(cat $aa/policy/profiles/*/raw_sha* | sort)
  echo garbage >>/broken/shop.web.web/apparmor.profile
  refuse "a profile that was changed" load /broken
  [ "$before" = "$(cat $aa/policy/profiles/*/raw_sha* | sort)" ] && ok "changes nothing" || bad "it changed something"
  refuse "without CAP_MAC_ADMIN" su nobody -s /bin/sh -c "armorc load --enforcer apparmor /one"
  says "the capability is named" "CAP_MAC_ADMIN"
  check "load that is to be confirmed" load /one --confirm-within 6s
  in_force; [ "$word" = one ] && ok "it is enforced" || bad "to be confirmed: $word"
  for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do sleep 2; in_force; [ "$word" = two ] && break; done
  [ "$word" = two ] && ok "it rolls back by itself" || bad "not rolled back: $word"
  check "load that is confirmed" load /one --confirm-within 60s
  check "confirm" armorc confirm --enforcer apparmor
  check "unload" armorc unload --enforcer apparmor
  [ "$(ours)" = "armorc.byhand " ] && ok "nothing of ours is left" || bad "left: $(ours)"
  grep -q '^other ' $aa/profiles && ok "what is another's is" || bad "unload removed another's"
  [ ! -e /run/armorc ] && ok "no files are left" || bad "left: $(find /run/armorc)"
}

# Kills a command after so many microseconds; `how` is what became of it.
killed() {
  after=$1; shift
  "$@" >/tmp/out 2>&1 &
  child=$!
  usleep "$after"
  if kill -KILL $child 2>/dev/null; then how=killed; else how=ended; fi
  wait $child 2>/dev/null
}

kills() {
  start=$(cut -d' ' -f1 /proc/uptime | tr -d .)
  load /one >/dev/null
  took=$((($(cut -d' ' -f1 /proc/uptime | tr -d .) - start) * 10000))
  load /two >/dev/null
  echo "note a load takes $((took / 1000)) ms"
  ones=0 twos=0 died=0 mixed=0 round=0 sooner=0 later=0
  want=one
  while [ $round -lt "$rounds" ]; do
    round=$((round + 1))
    random $((took * 11 / 10))
    killed "$number" armorc load --enforcer apparmor /$want
    [ $how = killed ] && died=$((died + 1))
    in_force
    case $word in one) ones=$((ones + 1)) ;; two) twos=$((twos + 1)) ;; *) mixed=$((mixed + 1)); bad "round $round: $word" ;; esac
    if [ $how = killed ]; then
      if [ "$word" = $want ]; then later=$((later + 1)); else sooner=$((sooner + 1)); fi
    fi
    # Status agrees, and whatever was left half done is finished by the next verb.
    says=$(armorc status --enforcer apparmor --json | sed -n 's/.*"bundle": *"\/\([a-z]*\)".*/\1/p')
    [ "$says" = "$word" ] || bad "round $round: status says $says, the kernel $word"
    if [ $want = one ]; then want=two; else want=one; fi
  done
  [ $mixed = 0 ] && ok "$rounds loads killed at random times"
  echo "note $rounds loads: $sooner killed before the switch, $later after it, $((rounds - died)) had ended; mixtures $mixed"
  load /one >/dev/null; load /two >/dev/null
  start=$(cut -d' ' -f1 /proc/uptime | tr -d .)
  armorc rollback --enforcer apparmor >/dev/null
  took=$((($(cut -d' ' -f1 /proc/uptime | tr -d .) - start) * 10000))
  echo "note a roll-back takes $((took / 1000)) ms"
  ones=0 twos=0 died=0 mixed=0 round=0
  while [ $round -lt "$rounds" ]; do
    round=$((round + 1))
    in_force
    [ "$word" = one ] && direction=--forward || direction=
    random $((took * 11 / 10))
    killed "$number" armorc rollback --enforcer apparmor $direction
    [ $how = killed ] && died=$((died + 1))
    in_force
    case $word in one) ones=$((ones + 1)) ;; two) twos=$((twos + 1)) ;; *) mixed=$((mixed + 1)); bad "roll-back $round: $word" ;; esac
    says=$(armorc status --enforcer apparmor --json | sed -n 's/.*"bundle": *"\/\([a-z]*\)".*/\1/p')
    [ "$says" = "$word" ] || bad "roll-back $round: status says $says, the kernel $word"
  done
  [ $mixed = 0 ] && ok "$rounds roll-backs killed at random times ($died before their end): one $ones, two $twos times"
  check "load after all" load /one
  case $(ours) in *store*) ok "all profiles are there" ;; *) bad "after all: $(ours)" ;; esac
  check "unload after all" armorc unload --enforcer apparmor
  [ ! -e /run/armorc ] && ok "no files are left after all" || bad "left: $(find /run/armorc)"
}

# What containers execute.
script='"/bin/sh", "-c", "echo started; /bin/ls / >/dev/null && echo ls-ran; echo ended"'
entry=$script
# container NAME ANNOTATIONS PROFILE HOOK-ARGUMENTS: runs it with crun; its output is in /tmp/out, the hook's too, which
# crun shows to nobody unless an annotation names a file.
container() {
  rm -rf "/containers/$1"
  mkdir -p "/containers/$1/rootfs/bin" "/containers/$1/rootfs/proc" "/containers/$1/rootfs/dev" "/containers/$1/rootfs/sys"
  for program in sh ls busybox; do cp /bin/busybox "/containers/$1/rootfs/bin/$program"; done
  arguments=$(for word in $4; do printf ', "%s"' "$word"; done)
  cat >"/containers/$1/config.json" <<JSON
{"ociVersion": "1.0.2",
 "process": {"args": [$entry], "cwd": "/",
  "env": ["PATH=/bin"], "user": {"uid": 0, "gid": 0}${3:+, \"apparmorProfile\": \"$3\"},
  "capabilities": {"bounding": [], "effective": [], "permitted": []}, "noNewPrivileges": true},
 "root": {"path": "rootfs"}, "hostname": "guest",
 "annotations": {"run.oci.hooks.stderr": "/tmp/hook"${2:+, $2}},
 "mounts": [{"destination": "/proc", "type": "proc", "source": "proc"},
  {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "mode=755"]},
  {"destination": "/sys", "type": "sysfs", "source": "sysfs", "options": ["nosuid", "ro"]}],
 "hooks": {"createRuntime": [{"path": "/usr/bin/armorc", "args": ["armorc", "oci-hook"$arguments]}]},
 "linux": {"namespaces": [{"type": "pid"}, {"type": "mount"}, {"type": "uts"}, {"type": "ipc"}],
  "maskedPaths": ["/proc/kcore"], "readonlyPaths": ["/proc/sys"]}}
JSON
  : >/tmp/hook
  [ "$runtime" ] || return 0
  timeout 60 $runtime run -b "/containers/$1" "$1" >/tmp/out 2>&1
  status=$?
  cat /tmp/hook >>/tmp/out
  $runtime delete -f "$1" >/dev/null 2>&1
}
runtime="crun --cgroup-manager=disabled"
# What is executed in a container later: running NAME ANNOTATIONS leaves it running, in a control group of its own.
running() {
  entry='"/bin/sh", "-c", "sleep 1000"'
  late=$runtime
  runtime=
  container "$1" "$2" "" "--enforcer bpf"
  runtime=$late
  $runtime run -d -b "/containers/$1" "$1" >/tmp/out 2>&1 </dev/null || bad "$runtime run -d: $(tr '\n' ' ' </tmp/out)"
  entry=$script
}
runs() { if grep -q '^ended' /tmp/out && grep -q '^ls-ran' /tmp/out; then ok "$1"; else bad "$1 ($status): $(tr '\n' ' ' </tmp/out)"; fi; }
confined() {
  if grep -q '^ended' /tmp/out && ! grep -q '^ls-ran' /tmp/out && grep -q 'ermission denied' /tmp/out; then ok "$1"
  else bad "$1 ($status): $(tr '\n' ' ' </tmp/out)"; fi
}
stopped() { if [ $status != 0 ] && ! grep -q '^started' /tmp/out && grep -q -- "$2" /tmp/out; then ok "$1"; else bad "$1 ($status): $(tr '\n' ' ' </tmp/out)"; fi; }
cart='"io.kubernetes.cri.container-type": "container", "io.kubernetes.cri.sandbox-namespace": "shop", "io.kubernetes.cri.sandbox-name": "cart-7d9f8b5c4-x2x9z", "io.kubernetes.cri.container-name": "cart"'
other='"io.kubernetes.cri.sandbox-namespace": "shop", "io.kubernetes.cri.container-name": "unknown"'

hooks_apparmor() {
  h="--enforcer apparmor"
  container before "$cart" "" "$h"; runs "AppArmor: nothing loaded, the container is free"
  check "load for containers" load /one
  container set "$cart" armorc.shop.cart.cart "$h"; confined "AppArmor: the profile is set: confined"
  container unset "$cart" "" "$h"; stopped "AppArmor: the profile is not set: stopped" "apparmorProfile"
  container free "$other" "" "$h"; runs "AppArmor: no policy, the container is free"
  container needed "$other" "" "$h --require"; stopped "AppArmor: --require stops it" "no policy"
  container named '"armorc.io/subject": "shop.web.web"' armorc.shop.web.web "$h"; confined "AppArmor: named subject: confined"
  container wrong '"armorc.io/subject": "shop.nothing"' "" "$h"; stopped "AppArmor: unknown subject: stopped" "not loaded"
  check "unload for containers" armorc unload --enforcer apparmor
}

# What must be so with every runtime.
hooks_bpf_of() {
  h="--enforcer bpf"
  container cart "$cart" "" "$h"; confined "$1: confined"
  entry='"/bin/ls"'
  container entry "$cart" "" "$h"; stopped "$1: the container's own program is decided" "ermission denied"
  container entry "$other" "" "$h"; check "$1: without a policy it runs" [ $status = 0 ]
  entry=$script
  container free "$other" "" "$h"; runs "$1: no policy, the container is free"
  container needed "$other" "" "$h --require"; stopped "$1: --require stops it" "no policy"
  container wrong '"armorc.io/subject": "shop.nothing"' "" "$h"; stopped "$1: unknown subject: stopped" "not loaded"
}
execs_of() {
  running late "$cart"
  check "$1: what is executed in the container later" $runtime exec late /bin/sh -c 'echo in'
  refuse "$1: is confined" $runtime exec late /bin/ls /
  refuse "$1: with its children" $runtime exec late /bin/sh -c '/bin/ls /'
  armorc status | sed -n 's/^ *\(shop.cart.cart .*\)/note   \1/p'
  $runtime kill late KILL >/dev/null 2>&1; sleep 1
  $runtime delete -f late >/dev/null 2>&1
  running other "$other"
  check "$1: nor is it without a policy" $runtime exec other /bin/ls /
  $runtime kill other KILL >/dev/null 2>&1; sleep 1
  $runtime delete -f other >/dev/null 2>&1
}
runtimes() {
  crun --version | head -n 1 | sed 's/^/note /'
  runc --version | head -n 1 | sed 's/^/note /'
  check "runtimes: load" armorc load /one
  runtime="runc --root /run/runc"
  hooks_bpf_of "BPF, runc"
  execs_of "BPF, runc exec"
  runtime="crun --cgroup-manager=cgroupfs"
  execs_of "BPF, crun exec"
  runtime="crun --cgroup-manager=disabled"
  check "runtimes: unload" armorc unload
}

# Which enforcer a bundle goes to when nobody says.
choices() {
  check "choice: profiles alone go to AppArmor" armorc load /profiles-only
  says "choice: in one line" "the bundle holds no BPF map images, which this node would prefer: loading its AppArmor profiles"
  check "choice: status without saying which" armorc status
  says "choice: of AppArmor" "^generation 1 of apparmor"
  check "choice: a bundle of both goes to what is loaded" armorc load /one
  says "choice: without a word about it" "^loaded generation 2"
  refuse "choice: a file that is blocked" armorc run --domain shop/cart -- cat /probe/one
  check "choice: rollback" armorc rollback
  check "choice: unload" armorc unload
  check "choice: a bundle of both goes to BPF" armorc load /one
  check "choice: status" armorc status
  says "choice: of BPF" "^generation 1 of bpf"
  refuse "choice: profiles beside BPF" armorc load /profiles-only
  says "choice: it says what to do" "--target bpf, 'armorc unload' first, or --enforcer apparmor"
  check "choice: profiles beside BPF, as was asked for" armorc load /profiles-only --enforcer apparmor
  refuse "choice: rollback of what" armorc rollback
  says "choice: it asks" "say which with --enforcer"
  check "choice: status of both" armorc status
  says "choice: BPF" "of bpf"
  says "choice: AppArmor" "of apparmor"
  check "choice: unload of both" armorc unload
  [ ! -e /run/armorc ] && ok "choice: no files are left" || bad "choice: left: $(find /run/armorc)"
  refuse "choice: nothing is loaded" armorc status
}

hooks_bpf() {
  h="--enforcer bpf"
  container before "$cart" "" "$h"; runs "BPF: nothing loaded, the container is free"
  check "BPF: load" armorc load --enforcer bpf /one
  hooks_bpf_of "BPF, crun"
  container named '"armorc.io/subject": "shop.web.web"' "" "$h"; confined "BPF: named subject: confined"
  container sandbox "\"io.kubernetes.cri.container-type\": \"sandbox\", $other" "" "$h"; runs "BPF: a sandbox is free"
  check "BPF: unload" armorc unload --enforcer bpf
}

for group in $(echo "${checks:-choices,generations,hooks_apparmor,hooks_bpf,runtimes,kills}" | tr , ' '); do $group; done
echo END
poweroff -f
