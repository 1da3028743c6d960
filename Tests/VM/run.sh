#!/bin/sh
# Decides in a real kernel what the policies of examples/ say: compiles them, boots Debian's kernel in qemu with one
# initramfs, runs every scenario and compares with the evaluator. Needs no root; keeps everything under .build/vm.
#   Tests/VM/run.sh [PATH…]     policies and context to run instead of examples/cluster examples/policies
# KERNEL_PACKAGE=linux-image-6.12-cloud-amd64 takes another kernel of the same Debian release.
set -eu

cd "$(dirname "$0")/../.."
[ $# -gt 0 ] || set -- examples/cluster examples/policies
vm=.build/vm
guest=Tests/VM/Guest
meta=${KERNEL_PACKAGE:-linux-image-cloud-amd64}
kernel=$vm/kernel/$meta
mkdir -p "$vm"

for tool in qemu-system-x86_64 apparmor_parser cpio zstd gcc swift; do
  command -v "$tool" >/dev/null || { echo "make vm: '$tool' is not installed; run scripts/setup" >&2; exit 3; }
done

Tests/VM/kernel.sh "$meta"

# The guest is one static program; rebuilt only when a source is newer.
if [ -z "$(find "$vm/actor" -newer $guest/runner.c -newer $guest/actor.c -newer $guest/guest.h 2>/dev/null)" ]; then
  gcc -static -s -O2 -Wall -Wextra -Wno-unused-parameter -Werror -o "$vm/actor" $guest/runner.c $guest/actor.c
fi
if [ -z "$(find "$vm/target" -newer $guest/target.c 2>/dev/null)" ]; then
  gcc -static -s -nostdlib -O2 -Wall -Werror -Wl,--build-id=none -o "$vm/target" $guest/target.c
fi

swift build --quiet --product VMScenarios
scenarios=$(swift build --show-bin-path)/VMScenarios
run=$vm/run
"$scenarios" plan "$run" "$@"

root=$vm/root
rm -rf "$root"
mkdir -p "$root/vm"
cp "$vm/actor" "$root/init"
cp -r "$vm/target" "$run/scenarios" "$run/policies" "$root/vm/"
(cd "$root" && find . | cpio --quiet -o -H newc | zstd -q -f -o ../initramfs.zst)

# TCG: this must run where there is no KVM. The timeout is for a guest that hangs.
timeout 600 qemu-system-x86_64 -m 512 -smp 1 -nographic -no-reboot -nodefaults -monitor none \
  -serial "file:$vm/console" -debugcon "file:$vm/answers" \
  -kernel "$kernel" -initrd "$vm/initramfs.zst" \
  -append 'console=ttyS0 quiet loglevel=1 panic=-1 lsm=lockdown,capability,apparmor mitigations=off no_timer_check' </dev/null || {
  echo "make vm: the guest did not end by itself; its console is $vm/console, its answers $vm/answers" >&2
  exit 3
}

"$scenarios" judge "$run" "$vm/answers"
