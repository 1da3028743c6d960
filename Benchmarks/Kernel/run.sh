#!/usr/bin/env bash
# What a decision costs in the kernel, beside KubeArmor's algorithm in the same run: instructions in guests (qemu, no KVM needed),
# nanoseconds on this machine (root); loads of 1,000 subjects and bursts of events (root). What cannot be had is said.
#   Benchmarks/Kernel/run.sh [KERNEL…]      linux-image-cloud-amd64 (6.1) and linux-image-6.12-cloud-amd64 by default
# ARMORC names the command, the release build by default.
set -euo pipefail
cd "$(dirname "$0")/../.."
[ $# -gt 0 ] || set -- linux-image-cloud-amd64 linux-image-6.12-cloud-amd64
here=Benchmarks/Kernel
work=.build/bench
armorc=${ARMORC:-.build/release/armorc}
rm -rf "$work"
mkdir -p "$work/root" "$work/many"
clang=$(dirname "$(readlink -f "$(command -v "${SWIFT:-swift}")")")/clang
for program in armor baseline walk burst; do
  source=$here/$program.bpf.c
  [ $program != armor ] || source=bpf/armor.bpf.c
  "$clang" -target bpf -mcpu=v3 -O2 -g -Wall -Werror -Ibpf -c "$source" -o "$work/$program.bpf.o"
done
shared=("$here/rules.c" Tests/VM/Matcher/matcher.c)
gcc -O2 -Wall -Werror -o "$work/walk" "$here/walk.c" "${shared[@]}" -lbpf -lelf -lz
gcc -O2 -Wall -Werror -o "$work/burst" "$here/burst.c" -lbpf -lelf -lz

# build NAME POLICY: a bundle, allowing what nothing speaks of.
build() {
  "$armorc" build "$2" -o "$work/out-$1" --target bpf --posture file=allow --posture capabilities=allow --inexact looser=allow \
    >"$work/build.log" 2>&1 || { cat "$work/build.log" >&2; exit 3; }
}
$here/rules.sh "$work"
for rules in "$work"/rules-*; do
  set=${rules##*/rules-}
  build "$set" "$work/policy-$set.yaml"
  cp "$(find "$work/out-$set" -name bpf.img)" "$work/image-$set"
done

# MARK: Instructions.

guest() {
  local kernel=$1 log=$work/$1.log
  Tests/VM/kernel.sh "$kernel"
  timeout 600 qemu-system-x86_64 -smp 1 -accel tcg,thread=single -icount shift=0,sleep=off -m 1024 -nographic -no-reboot \
    -nodefaults -monitor none -serial "file:$log" -kernel ".build/vm/kernel/$kernel" -initrd "$work/initramfs.zst" </dev/null \
    -append "console=ttyS0 quiet loglevel=1 panic=-1 mitigations=off no_timer_check lsm=lockdown,capability,bpf" || true
  sed -i 's/\r$//' "$log"
  grep -aq '^END' "$log" || { tail -n 3 "$log" >&2; echo "$kernel: the guest did not end by itself" >&2; exit 3; }
  ! grep -a 'FAILED' "$log" >&2 || exit 1
}
of() { awk -v name="$2" '$1 == "cost" && $2 == name { print $3, $4 }' "$work/$1.log"; }
# row TITLE CASE [ours|theirs]: ours, theirs and the ratio on every kernel; or one alone.
row() {
  printf '%-58s' "$1"
  for kernel in "${kernels[@]}"; do
    read -r ours theirs < <(of "$kernel" "$2")
    if [ "${3:-}" = ours ]; then
      printf ' %8d %8s %6s' "$ours" - -
    elif [ "${3:-}" = theirs ]; then
      printf ' %8s %8d %6s' - "$theirs" -
    else
      printf ' %8d %8d %6s' "$ours" "$theirs" "$(awk -v a="$theirs" -v b="$ours" 'BEGIN { printf "%.1f", b ? a / b : 0 }')"
    fi
  done
  echo
}
table() {
  echo
  echo "instructions per run of a hook's program (what the kernel spends on counting and on entering any program included)"
  printf '%-58s' ''
  for kernel in "${kernels[@]}"; do
    name=$(grep -a '^kernel ' "$work/$kernel.log" | cut -d' ' -f2)
    printf ' %25s' "$name"
  done
  echo
  printf '%-58s' 'file_open, paths of 64 bytes and 6 names unless said'
  for kernel in "${kernels[@]}"; do printf ' %8s %8s %6s' armorc baseline ratio; done
  echo
  row 'a program that does nothing' floor theirs
  row 'task that nobody attached' unattached
  for count in 10 100 1000 10000; do row "$count rules, nothing near: decided early" early-$count; done
  for count in 10 100 1000 10000; do row "$count rules, rules for directories near" near-$count; done
  for count in 10 100 1000 10000; do row "$count rules, a rule for this path: walked to the end" ruled-$count; done
  row '10 rules without source, owner, audit: walked to the end' ruled-plain
  row '10 rules, sources only' ruled-sources
  row '10 rules, owners only' ruled-owners
  row '10 rules, audit only' ruled-audit
  row '10 rules, audited: its event written, too' seen-10 ours
  for bytes in 16 32 64 128 256 1024; do row "path of $bytes bytes, 5 names: walked to the end" length-$bytes; done
  row 'path of 4,000 bytes, 20 names: walked to the end' length-4000
  for names in 2 10 20; do row "$names names: walked to the end" depth-$names; done
  row 'socket_create, 10 rules' socket-10
  row 'socket_create, 10,000 rules' socket-10000
  row 'capable, 10 rules' capable-10
  row 'capable, 10,000 rules' capable-10000
}
kernels=("$@")
if command -v qemu-system-x86_64 >/dev/null && command -v cpio >/dev/null && command -v zstd >/dev/null; then
  gcc -static -O2 -Wall -Werror -o "$work/root/init" "$here/cost.c" "${shared[@]}" -lbpf -lelf -lz
  cp "$work"/{armor,baseline}.bpf.o "$work"/{rules,image}-* "$work/cases" "$work/root/"
  (cd "$work/root" && find . | cpio --quiet -o -H newc | zstd -q -f -o ../initramfs.zst)
  for kernel; do guest "$kernel"; done
  table
else
  echo "instructions: not counted: qemu-system-x86_64, cpio or zstd is not installed"
fi

# MARK: Nanoseconds.

echo
names() { awk -v of="$1" '$1 == of { print $4 }' "$work/cases"; }
for bytes in 16 32 64 128; do names length-$bytes >"$work/paths-$bytes"; done
names length-256 | cut -c 1-255 >"$work/paths-255"
awk '/another-one1/ { print $2 }' "$work/rules-10000" | awk 'NR % 39 == 1' | head -n 256 >"$work/paths-many"
names near-10 >"$work/paths-near"
names early-10 >"$work/paths-early"
grep -m 1 -o '/srv/data[^ ]*' "$work/rules-10" >"$work/paths-one"
cases=('10,000 rules, 256 paths of theirs' 10000 many '10 rules, a path of theirs' 10 one '10 rules, directories near' 10 near
  '10 rules, nothing near' 10 early)
for bytes in 16 32 64 128 255; do cases+=("walked to the end" lengths "$bytes"); done
arguments=()
for ((i = 0; i < ${#cases[@]}; i += 3)); do
  arguments+=("${cases[i]}" "${cases[i + 1]}" "$work/paths-${cases[i + 2]}")
done
echo "nanoseconds on this machine: the walk and the row of cells, beside a walk in C; a decision on a path that is at hand, beside the baseline's"
status=0
"$work/walk" "$work/walk.bpf.o" "$work/baseline.bpf.o" "$work" "${arguments[@]}" || status=$?
[ $status != 77 ] || echo "not measured: loading BPF programs needs root"
[ $status = 0 ] || [ $status = 77 ] || exit $status

# MARK: A node.

echo
echo "a node with 1,000 subjects (maps without programs)"
for side in one two; do
  for ((i = 0; i < 1000; i++)); do
    printf '%s\n' '---' 'apiVersion: security.kubearmor.com/v1' 'kind: KubeArmorPolicy' "metadata: {name: p$i, namespace: n$((i % 20))}" \
      'spec:' "  selector: {matchLabels: {app: a$i}}" '  severity: 5' '  message: bench' '  file:' '    matchDirectories:' \
      "      - {dir: /etc/$side-$i/, recursive: true, action: Block}" \
      "      - {dir: /srv/$i/secret/, recursive: true, ownerOnly: true, action: Block}" '    matchPaths:' \
      "      - {path: /usr/bin/tool-$i, action: Audit, fromSource: [{path: /bin/bash}]}" '  network:' '    matchProtocols:' \
      '      - {protocol: raw, action: Block}'
  done >"$work/many/$side.yaml"
  began=$(date +%s%N)
  build "$side" "$work/many/$side.yaml"
  echo "build of $(find "$work/out-$side" -name bpf.img | wc -l) images: $((($(date +%s%N) - began) / 1000000)) ms"
done
scratch=$(mktemp -d "${TMPDIR:-/tmp}/armorc-node.XXXXXX")
finish() {
  umount -l "$scratch/bpf" "$scratch" 2>/dev/null || true
  rmdir "$scratch"
}
trap finish EXIT
# In memory, as /run is.
if [ "$(id -u)" != 0 ] || ! mount -t tmpfs tmpfs "$scratch" 2>/dev/null; then
  echo "not measured: file systems of its own need root"
  exit 0
fi
mkdir "$scratch/bpf"
mount -t bpf bpf "$scratch/bpf"
node=(--enforcer bpf --bpffs "$scratch/bpf/armorc" --state "$scratch/run")
# timed WHAT COMMAND…: the whole command, from outside.
timed() {
  local what=$1 began
  shift
  began=$(date +%s%N)
  "$armorc" "$@" "${node[@]}" >"$scratch/said" 2>&1 || { cat "$scratch/said" >&2; exit 3; }
  echo "$what: $((($(date +%s%N) - began) / 1000000)) ms"
}
timed 'first load, maps made' load "$work/out-one" --maps-only
for side in two one two; do timed 'load in its place' load "$work/out-$side" --maps-only; done
timed 'rollback' rollback
timed 'and forward' rollback --forward
timed 'status' status

echo
echo "events through the ring buffer (4 MiB) and 'armorc events', two seconds each"
generation=$(find "$scratch/run" -maxdepth 1 -name 'generation-*' -printf '%f\n' | sort -t- -k2 -n | tail -n 1)
burst() {
  local rate=$1 format=$2 lines
  "$armorc" events "${node[@]}" --format "$format" >"$scratch/events" 2>"$scratch/notes" &
  local reader=$!
  sleep 1
  local sent
  sent=$("$work/burst" "$work/burst.bpf.o" "$scratch/bpf/armorc/maps" 1 "${generation#generation-}" "$rate" 2)
  sleep 1
  kill -INT $reader
  wait $reader || true
  lines=$(wc -l <"$scratch/events")
  echo "$3: $sent; $lines lines written, $(wc -c <"$scratch/events") bytes; $(tail -n 1 "$scratch/notes")"
}
burst 100000 json '100,000 a second, JSON'
burst 100000 text '100,000 a second, text (many lines each)'
burst 0 json 'as many as go, JSON'
timed unload unload
