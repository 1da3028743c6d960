#!/bin/bash
# The verbs of a node in a real kernel: load, run, attach, reload under running tasks, rollback, confirmation, unload, and
# loads that are killed. Needs no root; keeps everything under .build/vm.
#   Tests/VM/Node/run.sh                 6.1 and 6.12
#   KERNELS=linux-image-6.12-cloud-amd64 ROUNDS=200 Tests/VM/Node/run.sh
# ARMORC names another binary than the debug build; a static one is many times faster here.
set -euo pipefail
cd "$(dirname "$0")/../../.."
kernels=${KERNELS:-linux-image-cloud-amd64 linux-image-6.12-cloud-amd64}
rounds=${ROUNDS:-8}
work=.build/vm/node
mkdir -p "$work"

for tool in qemu-system-x86_64 cpio zstd swift dpkg; do
  command -v "$tool" >/dev/null || { echo "make vm: '$tool' is not installed; run scripts/setup" >&2; exit 3; }
done
if [ ! -s "$work/busybox" ]; then
  fetched=$(mktemp -d "$work/fetch.XXXXXX")
  (cd "$fetched" && apt-get -qq download busybox-static 2>log && dpkg --fsys-tarfile ./*.deb | tar -xf - ./bin/busybox) ||
    { cat "$fetched/log" >&2; echo "make vm: cannot fetch 'busybox-static'" >&2; exit 3; }
  mv "$fetched/bin/busybox" "$work/busybox"
  rm -r "$fetched"
fi

armorc=${ARMORC:-}
if [ -z "$armorc" ]; then
  swift build --quiet --product armorc
  armorc=$(swift build --show-bin-path)/armorc
fi
root=$work/root
rm -rf "$root"
mkdir -p "$root"/{bin,lib,lib64,proc,sys,dev,run,tmp,cgroup,data,bundles}
# The same 24 subjects on both sides, so that a mixture of the two shows.
for side in old new; do
  rm -rf "$work/policies"
  mkdir -p "$work/policies"
  for number in $(seq 10 33); do
    sed "s/NUMBER/$number/g" "Tests/VM/Node/$side.yaml" >"$work/policies/$number.yaml"
  done
  "$armorc" build "$work/policies" --target bpf -o "$root/bundles/$side" >/dev/null
done
cp "$work/busybox" "$root/bin/"
install -m 755 Tests/VM/Node/init.sh "$root/init"
cp Tests/VM/Node/scenario.sh "$root/"
cp "$armorc" "$root/bin/armorc"
strip "$root/bin/armorc"
for library in $(ldd "$armorc" 2>/dev/null | grep -o '/[^ ]*' || true); do
  case $library in */ld-linux*) cp -L "$library" "$root/lib64/" ;; *) cp -L "$library" "$root/lib/" ;; esac
done
(cd "$root" && find . | cpio --quiet -o -H newc | zstd -q -1 -f -o ../initramfs.zst)

status=0
for meta in $kernels; do
  Tests/VM/kernel.sh "$meta"
  # TCG: this must run where there is no KVM. The timeout is for a guest that hangs.
  timeout "${SECONDS_LIMIT:-1800}" qemu-system-x86_64 -accel tcg,thread=multi -cpu max -m 1500 -smp 2 -nographic \
    -no-reboot -nodefaults -monitor none -serial "file:$work/console-$meta" \
    -kernel ".build/vm/kernel/$meta" -initrd "$work/initramfs.zst" \
    -append "console=ttyS0 quiet loglevel=1 panic=-1 lsm=lockdown,capability,bpf mitigations=off no_timer_check rounds=$rounds" \
    </dev/null || { echo "make vm: the guest did not end; its console is $work/console-$meta" >&2; exit 3; }
  tr -d '\r' <"$work/console-$meta" | grep -E '^(kernel|FAILED|PASSED|NOTE)' || true
  tr -d '\r' <"$work/console-$meta" | grep -q '^PASSED' || status=1
  ! grep -q '^FAILED' "$work/console-$meta" || status=1
done
exit $status
