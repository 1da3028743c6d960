#!/usr/bin/env bash
# Tries AppArmor behind the verbs of a node in real kernels: `armorc load` killed at random times with AppArmor, generations, roll-back,
# what `unload` leaves; which of the two enforcers a bundle goes to; and the OCI hook with Debian's crun and runc, with AppArmor and with BPF.
#   Tests/VM/Profiles/run.sh [KERNEL…]      linux-image-cloud-amd64 (6.1) and linux-image-6.12-cloud-amd64 by default
# ARMORC: another binary than the debug build. ROUNDS: how many loads are killed (default 15; as many roll-backs). SEED: of the times.
set -euo pipefail
cd "$(dirname "$0")/../../.."
[ $# -gt 0 ] || set -- linux-image-cloud-amd64 linux-image-6.12-cloud-amd64
here=Tests/VM/Profiles
vm=.build/vm/profiles
root=$vm/root
mkdir -p "$vm"
for tool in qemu-system-x86_64 apparmor_parser cpio zstd swift apt-get dpkg; do
  command -v "$tool" >/dev/null || { echo "make vm: '$tool' is not installed; run scripts/setup" >&2; exit 3; }
done

# Fetched once; nothing is installed.
if [ ! -x "$vm/packages/usr/bin/crun" ] || [ ! -x "$vm/packages/usr/sbin/runc" ] || [ ! -x "$vm/packages/bin/busybox" ]; then
  rm -rf "$vm/packages" "$vm/fetched"
  mkdir -p "$vm/fetched"
  if ! (cd "$vm/fetched" && apt-get -qq download crun libyajl2 runc libseccomp2 busybox-static 2>log); then
    cat "$vm/fetched/log" >&2
    echo "make vm: cannot fetch crun, libyajl2, runc, libseccomp2 and busybox-static" >&2
    exit 3
  fi
  for package in "$vm"/fetched/*.deb; do dpkg -x "$package" "$vm/packages"; done
fi

armorc=${ARMORC:-}
if [ -z "$armorc" ]; then
  swift build --quiet --product armorc
  armorc=$(swift build --show-bin-path)/armorc
fi
rm -rf "$root" "$vm/one" "$vm/two" "$vm/profiles-only"
mkdir -p "$root"/{bin,usr/bin,usr/sbin,probe,proc,sys,dev,run,tmp,new,containers}

# A program with the libraries that it needs, where it looks for them.
add() {
  cp "$1" "$2"
  { LD_LIBRARY_PATH=$PWD/$vm/packages/usr/lib/x86_64-linux-gnu ldd "$1" 2>/dev/null || true; } | sed -n 's/.*=> \(\/[^ ]*\) .*/\1/p; s/^\t\(\/[^ ]*\) .*/\1/p' |
    while read -r library; do
      case "$library" in
        "$PWD"/*) mkdir -p "$root/usr/lib/x86_64-linux-gnu" && cp -L "$library" "$root/usr/lib/x86_64-linux-gnu/" ;;
        *) mkdir -p "$root$(dirname "$library")" && cp -L "$library" "$root$library" ;;
      esac
    done
}
add "$armorc" "$root/usr/bin/armorc"
strip "$root/usr/bin/armorc"
add /usr/sbin/apparmor_parser "$root/usr/sbin/apparmor_parser"
add "$vm/packages/usr/bin/crun" "$root/usr/bin/crun"
add "$vm/packages/usr/sbin/runc" "$root/usr/bin/runc"
cp "$vm/packages/bin/busybox" "$root/bin/busybox"

for generation in one two; do
  "$armorc" build $here/$generation.yaml $here/cluster.yaml -o "$vm/$generation" --target apparmor,bpf --inexact allow \
    >"$vm/build.log" 2>&1 || { cat "$vm/build.log" >&2; exit 3; }
  cp -r "$vm/$generation" "$root/$generation"
  echo "$generation" >"$root/probe/$generation"
done
"$armorc" build $here/one.yaml $here/cluster.yaml -o "$root/profiles-only" --target apparmor --inexact allow >"$vm/build.log" 2>&1 ||
  { cat "$vm/build.log" >&2; exit 3; }
cp $here/guest.sh $here/checks.sh "$root/"
mv "$root/guest.sh" "$root/init"
chmod +x "$root/init" "$root/checks.sh"
(cd "$root" && find . | cpio --quiet -o -H newc | zstd -q -f -o ../initramfs.zst)

failed=0
# All kernels at once: a guest waits more than it works.
declare -A guests
for kernel in "$@"; do
  Tests/VM/kernel.sh "$kernel"
  timeout 1500 qemu-system-x86_64 -m 2048 -smp 2 -nographic -no-reboot -nodefaults -monitor none -serial "file:$vm/$kernel.log" \
    -kernel ".build/vm/kernel/$kernel" -initrd "$vm/initramfs.zst" </dev/null \
    -append "console=ttyS0 quiet loglevel=1 panic=-1 mitigations=off no_timer_check lsm=lockdown,capability,apparmor,bpf rounds=${ROUNDS:-15} seed=${SEED:-1} ${CHECKS:+checks=$CHECKS}" &
  guests[$kernel]=$!
done
for kernel in "$@"; do
  log=$vm/$kernel.log
  wait "${guests[$kernel]}" || echo "the guest did not end by itself" >>"$log"
  sed -i 's/\r$//' "$log"
  grep -a '^FAILED\|^note\|did not end' "$log" || true
  passed=$(grep -ac '^ok ' "$log") || true
  bad=$(grep -ac '^FAILED' "$log") || true
  grep -aq '^END' "$log" && [ "$bad" = 0 ] || failed=1
  echo "$kernel, profiles and containers: $passed checks passed, $bad failed; its console is $log"
done
exit $failed
