#!/bin/sh
# Fetches a Debian kernel once, 27 MB, into .build/vm/kernel: nothing is installed. `rm -r .build/vm/kernel` fetches the
# newest again.
#   Tests/VM/kernel.sh linux-image-cloud-amd64
set -eu
cd "$(dirname "$0")/../.."
meta=$1
kernel=.build/vm/kernel/$meta
[ ! -s "$kernel" ] || exit 0
mkdir -p .build/vm/kernel
package=$(apt-cache depends "$meta" | sed -n 's/.*Depends: \(linux-image.*\)/\1/p' | head -n 1)
[ -n "$package" ] || { echo "make vm: apt knows no package '$meta'; try 'apt-get update'" >&2; exit 3; }
echo "fetching $package"
fetched=$(mktemp -d .build/vm/kernel/fetch.XXXXXX)
if ! (cd "$fetched" && apt-get -qq download "$package" 2>log && dpkg --fsys-tarfile ./*.deb | tar -xf - ./boot); then
  cat "$fetched/log" >&2
  echo "make vm: cannot fetch '$package'" >&2
  rm -r "$fetched"
  exit 3
fi
mv "$fetched"/boot/vmlinuz-* "$kernel"
rm -r "$fetched"
