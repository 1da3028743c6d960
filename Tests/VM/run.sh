#!/usr/bin/env bash
# Decides in real kernels what policies say: compiles those of examples/, of docs/inexact and one of every rule shape, boots
# Debian's kernels in qemu, runs every scenario and compares with the evaluator, and AppArmor's answers with the matcher's.
# Needs no root; keeps everything under .build/vm.
#   Tests/VM/run.sh [PATH…]     policies and context to run instead of those
# APPARMOR_KERNEL and BPF_KERNELS take other kernels; an empty one leaves that enforcer out.
set -euo pipefail

cd "$(dirname "$0")/../.."
[ $# -gt 0 ] || set -- examples/cluster examples/policies -- docs/inexact
apparmor_kernel=${APPARMOR_KERNEL-linux-image-cloud-amd64}
bpf_kernels=${BPF_KERNELS-linux-image-cloud-amd64 linux-image-6.12-cloud-amd64}
vm=.build/vm
guest=Tests/VM/Guest
mkdir -p "$vm"

for tool in qemu-system-x86_64 apparmor_parser cpio zstd gcc swift; do
  command -v "$tool" >/dev/null || { echo "make vm: '$tool' is not installed; run scripts/setup" >&2; exit 3; }
done

# The guests are static programs.
flags=(-static -s -O2 -Wall -Wextra -Wno-unused-parameter -Werror)
gcc "${flags[@]}" -o "$vm/actor.apparmor" $guest/runner.c $guest/actor.c $guest/apparmor.c
gcc "${flags[@]}" -o "$vm/actor.bpf" $guest/runner.c $guest/actor.c $guest/bpf.c Tests/VM/Matcher/matcher.c -lbpf -lelf -lz
gcc -static -s -nostdlib -O2 -Wall -Werror -Wl,--build-id=none -o "$vm/target" $guest/target.c

swift build --quiet --product VMScenarios
swift build --quiet --product armorc # compiles the matcher, too
scenarios=$(swift build --show-bin-path)/VMScenarios
object=$(find .build/plugins/outputs -name armor.bpf.o -printf '%T@ %p\n' | sort -rn | sed -n '1s/[^ ]* //p')
run=$vm/run
"$scenarios" plan "$run" "$@"

failed=0
answers=()
# decide ENFORCER KERNEL MODULE: one guest, judged. Its answers are added to `answers`.
decide() {
  local enforcer=$1 kernel=$2 name=$1.$2 root=$vm/root
  Tests/VM/kernel.sh "$kernel"
  rm -rf "$root"
  mkdir -p "$root/vm"
  cp "$vm/actor.$enforcer" "$root/init"
  cp "$vm/target" "$root/vm/"
  if [ "$enforcer" = bpf ]; then
    cp "$run/scenarios.bpf" "$root/vm/scenarios"
    cp -r "$run/images" "$root/vm/policies"
    cp "$run/path-arguments" "$root/vm/"
    cp "$object" "$root/vm/armor.bpf.o"
  else
    cp -r "$run/scenarios" "$run/policies" "$root/vm/"
  fi
  (cd "$root" && find . | cpio --quiet -o -H newc | zstd -q -f -o ../initramfs.zst)
  # TCG: this must run where there is no KVM. The timeout is for a guest that hangs.
  timeout 900 qemu-system-x86_64 -m 512 -smp 1 -nographic -no-reboot -nodefaults -monitor none \
    -serial "file:$vm/console.$name" -debugcon "file:$vm/answers.$name" \
    -kernel "$vm/kernel/$kernel" -initrd "$vm/initramfs.zst" \
    -append "console=ttyS0 quiet loglevel=1 panic=-1 lsm=lockdown,capability,$enforcer mitigations=off no_timer_check" \
    </dev/null || {
    echo "make vm: the guest did not end by itself; its console is $vm/console.$name, its answers $vm/answers.$name" >&2
    exit 3
  }
  echo "$kernel, $enforcer:"
  local status=0
  "$scenarios" judge "$run" "$enforcer" "$vm/answers.$name" || status=$?
  [ $status -le 1 ] || exit $status
  [ $status = 0 ] || failed=1
  answers+=("$vm/answers.$name")
}

[ -z "$apparmor_kernel" ] || decide apparmor "$apparmor_kernel"
for kernel in $bpf_kernels; do decide bpf "$kernel"; done
if [ -n "$apparmor_kernel" ] && [ -n "$bpf_kernels" ]; then
  "$scenarios" compare "$run" "${answers[@]}" || failed=1
else
  echo "make vm: AppArmor and BPF are not compared: one of them was left out"
fi
exit $failed
