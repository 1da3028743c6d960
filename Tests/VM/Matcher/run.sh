#!/usr/bin/env bash
# Tries the compiled matcher in real kernels: what must be denied and what must not, identities, generations, events, and
# the cost of both, in instructions that the verifier and the machine go through.
#   Tests/VM/Matcher/run.sh [KERNEL…]      linux-image-cloud-amd64 (6.1) and linux-image-6.12-cloud-amd64 by default
set -euo pipefail
cd "$(dirname "$0")/../../.."
[ $# -gt 0 ] || set -- linux-image-cloud-amd64 linux-image-6.12-cloud-amd64
here=Tests/VM/Matcher
vm=.build/vm/matcher
mkdir -p "$vm"

# Largest number of instructions: verified per program, executed per decision.
declare -A budget=([verified]=40000 [unattached]=200 [walk-64]=3500 [walk-64-of-10000-rules]=3500 [early-64]=2500
  [audited-12]=3500 [socket]=800 [walk-64-with-presets]=3500 [proc-with-presets]=3500)

swift build --quiet --product armorc
armorc=$(swift build --show-bin-path)/armorc
object=$(find .build/plugins/outputs -name armor.bpf.o -printf '%T@ %p\n' | sort -rn | sed -n '1s/[^ ]* //p')
many=$vm/many.yaml
{
  printf '%s\n' 'apiVersion: security.kubearmor.com/v1' 'kind: KubeArmorPolicy' 'metadata: {name: many, namespace: vm}' \
    'spec:' '  selector: {matchLabels: {app: many}}' '  file:' '    matchPaths:' \
    '      - {path: /srv/deeper/directory-name/another-directory/some/file-name.txt, ownerOnly: true, action: Block}'
  for ((i = 0; i < 9999; i++)); do printf '      - {path: /srv/data/%05d/file-%d.txt, action: Block}\n' $i $((i * 7919 % 100003)); done
} >"$many"
rm -rf "$vm"/out* "$vm/root"
mkdir -p "$vm/root"
# build SUBJECT POSTURE FILE: the image of the one subject there is.
build() {
  "$armorc" build "$3" -o "$vm/out-$1" --target bpf --posture "file=$2" --posture "capabilities=$2" --inexact looser=allow >"$vm/build.log" 2>&1 ||
    { cat "$vm/build.log" >&2; exit 3; }
  cp "$(find "$vm/out-$1" -name bpf.img)" "$vm/root/image-$1"
}
build guarded allow $here/guarded.yaml
build listed block $here/listed.yaml
build many allow "$many"
build attacked allow $here/attacked.yaml
for presets in strict proc watched both; do build $presets allow $here/preset-$presets.yaml; done
# A program with libraries, to be mapped as programs are.
mkdir -p "$vm/root/bin"
printf 'int main(void) { return 0; }\n' | gcc -x c -O1 -o "$vm/root/bin/dynamic" -
while read -r library; do mkdir -p "$vm/root${library%/*}" && cp -L "$library" "$vm/root$library"; done < <(
  ldd "$vm/root/bin/dynamic" | grep -o '/[^ ]*')
gcc -static -O1 -Wall -Werror -o "$vm/root/init" $here/*.c -lbpf -lelf -lz
gcc -nostdlib -pie -fPIE -fno-stack-protector -O1 -Wall -Werror -o "$vm/root/bin/opener" $here/Programs/opener.c
cp "$object" "$vm/root/armor.bpf.o"

failed=0
# One run counts instructions (a nanosecond each); the others are as they come, with and without task storage.
try() {
  local kernel=$1 name=$2 machine=$3 arguments=$4 log=$vm/$1.$2
  # shellcheck disable=SC2086
  timeout 600 qemu-system-x86_64 $machine -m 1024 -nographic -no-reboot -nodefaults -monitor none -serial "file:$log" \
    -kernel ".build/vm/kernel/$kernel" -initrd "$vm/initramfs.zst" </dev/null \
    -append "console=ttyS0 quiet loglevel=1 panic=-1 mitigations=off no_timer_check lsm=lockdown,capability,bpf $arguments" ||
    echo "the guest did not end by itself" >>"$log"
  sed -i 's/\r$//' "$log"
  grep -a 'FAILED\|did not end\|libbpf' "$log" && failed=1
  read -r passed bad < <(sed -n 's/^END \([0-9]*\) \([0-9]*\)$/\1 \2/p' "$log") || { failed=1; tail -n 3 "$log"; }
  [ "${bad:-1}" = 0 ] || failed=1
  echo "$kernel, $name: ${passed:-0} checks passed, ${bad:-?} failed"
  grep -a '^note ' "$log" | sed 's/^note/ /'
  [ "$name" = counted ] || return 0
  while read -r kind what count; do
    [ "$kind" = verified ] && limit=${budget[verified]} || limit=${budget[$what]}
    if [ "$count" -gt "$limit" ] || [ "$count" -le 0 ]; then
      echo "$kernel: $kind $what $count is not within the budget of $limit"
      failed=1
    fi
  done < <(grep -aE '^(verified|cost) ' "$log")
  grep -a '^cost ' "$log" | sed "s/^cost/  instructions,/"
  grep -a '^verified ' "$log" | sort -k3 -n | tail -n 1 | sed 's/^/  most /'
}
for kernel; do
  Tests/VM/kernel.sh "$kernel"
  cp ".build/vm/kernel/$kernel.overlay.ko" "$vm/root/overlay.ko"
  (cd "$vm/root" && find . | cpio --quiet -o -H newc | zstd -q -f -o ../initramfs.zst)
  try "$kernel" counted '-smp 1 -accel tcg,thread=single -icount shift=0,sleep=off' 'preempt=voluntary'
  try "$kernel" full-preemption '-smp 2' 'preempt=full -- by-pointer'
done
exit $failed
