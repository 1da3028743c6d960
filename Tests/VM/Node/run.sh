#!/bin/bash
# What an operator meets on a node, in a real kernel: the verbs under running tasks, events, the session of docs/session.md, and
# loads that are killed. Needs no root; keeps everything under .build/vm.
#   Tests/VM/Node/run.sh                 6.1 and 6.12
#   KERNELS=linux-image-6.12-cloud-amd64 PARTS=kills ROUNDS=200 Tests/VM/Node/run.sh
# PARTS: of verbs,events,session,kills. ROUNDS: loads killed. BURST: events at once. RECORD=1: rewrites what the last kernel
# said differently than expected/ and docs/session.md have it, and fails.
# ARMORC names another binary than the debug build; a static one is many times faster here.
set -euo pipefail
cd "$(dirname "$0")/../../.."
here=Tests/VM/Node
kernels=${KERNELS:-linux-image-cloud-amd64 linux-image-6.12-cloud-amd64}
parts=${PARTS:-verbs,events,session,kills}
work=.build/vm/node
mkdir -p "$work"

for tool in qemu-system-x86_64 cpio zstd swift dpkg gcc; do
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
mkdir -p "$root"/{bin,lib,lib64,proc,sys,dev,run,tmp,mnt,etc,cgroup,data,bundles,srv,usr/bin,root/policies,opt}
# The same 24 subjects on both sides, so that a mixture of the two shows.
for side in old new; do
  rm -rf "$work/policies"
  mkdir -p "$work/policies"
  for number in $(seq 10 33); do
    sed "s/NUMBER/$number/g" "$here/$side.yaml" >"$work/policies/$number.yaml"
  done
  "$armorc" build "$work/policies" --target bpf -o "$root/bundles/$side" >/dev/null
done
"$armorc" build "$here/events.yaml" --target bpf --inexact allow -o "$root/bundles/events" >/dev/null
"$armorc" build "$here/calls.yaml" "$work/policies" --target bpf -o "$root/bundles/calls" >/dev/null
"$armorc" build "$here/cart.yaml" --target apparmor --no-check -o "$root/bundles/profiles" >/dev/null
cp "$here/cart.yaml" "$root/root/policies/"
cp "$work/busybox" "$root/bin/"
install -m 755 $here/init.sh "$root/init"
cp $here/{lib,verbs,events,session,kills}.sh "$root/"
gcc -static -O1 -Wall -Werror -o "$root/bin/burst" $here/burst.c
cp "$armorc" "$root/bin/armorc"
strip "$root/bin/armorc"
# Another armorc: in the object that it embeds a type has another name.
LC_ALL=C sed 's/61726d6f725f6c6162656c6c696e67/61726d6f725f6c6162656c6c696e47/g' "$root/bin/armorc" >"$root/bin/other-armorc"
chmod 755 "$root/bin/other-armorc"
! cmp -s "$root/bin/armorc" "$root/bin/other-armorc" || { echo "make vm: no other armorc could be made" >&2; exit 3; }
for library in $(ldd "$armorc" 2>/dev/null | grep -o '/[^ ]*' || true); do
  case $library in */ld-linux*) cp -L "$library" "$root/lib64/" ;; *) cp -L "$library" "$root/lib/" ;; esac
done
(cd "$root" && find . | cpio --quiet -o -H newc | zstd -q -1 -f -o ../initramfs.zst)

# Times, numbers of processes and digests, which no two runs have in common; and what is said on 6.1 alone.
mask() {
  sed -E -e '/^hooks that this kernel lacks: lsm\/file_truncate$/d' -e 's/"([Tt]imestamp)":[0-9]+/"\1":N/; s/"([Uu]pdatedTime)":"[^"]*"/"\1":"T"/' \
    -e 's/"((Host)?P?P[Ii][Dd]|hostPPid|hostPid|ppid|pid)":[0-9]+/"\1":N/g' \
    -e 's/^((Host)?P?PID): [0-9]+/\1: N/; s/[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.]+Z?/T/g; s/\b[0-9a-f]{12,64}\b/D/g'
}
# What stands between BEGIN NAME and END on the console.
said() { sed -n "/^BEGIN $1\$/,/^END\$/{/^BEGIN /d;/^END\$/d;p}" "$work/console"; }
# What the page shows.
shown() { sed -n '/^```console$/,/^```$/{/^```/d;p}' docs/session.md; }

status=0
compare() { # compare NAME FILE: the file, or the session of the page, is what the guest said
  said "$1" >"$work/said"
  if [ "$1" = session ]; then shown >"$work/shown"; else cp "$2" "$work/shown" 2>/dev/null || : >"$work/shown"; fi
  mask <"$work/said" >"$work/said.masked"
  mask <"$work/shown" >"$work/shown.masked"
  if ! diff -u --label "$2" "$work/shown.masked" --label "$meta" "$work/said.masked"; then
    echo "FAILED $1 is not what $2 has (RECORD=1 writes it anew)"
    status=1
    [ -n "${RECORD:-}" ] || return 0
    if [ "$1" = session ]; then
      { sed '/^```console$/q' docs/session.md; cat "$work/said"; sed -n '/^```console$/,$p' docs/session.md | sed -n '/^```$/,$p'; } >"$work/page"
      cp "$work/page" docs/session.md
    else
      mkdir -p "$here/expected"
      cp "$work/said.masked" "$2"
    fi
  fi
}

# All kernels at once: a guest waits more than it works.
declare -A guests
for meta in $kernels; do
  Tests/VM/kernel.sh "$meta"
  # TCG: this must run where there is no KVM. The timeout is for a guest that hangs.
  timeout "${SECONDS_LIMIT:-1800}" qemu-system-x86_64 -accel tcg,thread=multi -cpu max -m 1500 -smp 2 -nographic \
    -no-reboot -nodefaults -monitor none -serial "file:$work/console-$meta" \
    -kernel ".build/vm/kernel/$meta" -initrd "$work/initramfs.zst" \
    -append "console=ttyS0 quiet loglevel=1 panic=-1 lsm=lockdown,capability,bpf mitigations=off no_timer_check rounds=${ROUNDS:-8} burst=${BURST:-30000} parts=$parts" \
    </dev/null &
  guests[$meta]=$!
done
for meta in $kernels; do
  wait "${guests[$meta]}" || { echo "FAILED the guest did not end; its console is $work/console-$meta"; status=1; }
  tr -d '\r' <"$work/console-$meta" >"$work/console"
  grep -E '^(kernel|FAILED|NOTE)' "$work/console" || true
  grep -q '^ENDED' "$work/console" || { echo "FAILED the guest did not come to its end"; status=1; }
  ! grep -q '^FAILED' "$work/console" || status=1
  case ,$parts, in *,events,*) for name in events.jsonl events-file.jsonl events.txt; do compare $name "$here/expected/$name"; done ;; esac
  case ,$parts, in *,session,*) compare session docs/session.md ;; esac
  echo "$meta, the verbs of a node: $(grep -c '^passed' "$work/console") checks passed, $(grep -c '^FAILED' "$work/console" || true) failed; its console is $work/console-$meta"
done
exit $status
