#!/usr/bin/env bash
# Writes sets of rules, the same for both: DIR/rules-SET for the baseline and DIR/policy-SET.yaml for armorc; DIR/cases, what the
# guest measures: NAME SET WHAT PATH.
#   rules.sh DIR
set -euo pipefail
out=$1
P=/srv/deeper/directory-name/another-directory/some
ruled=$P/file-name1.txt # 64 bytes, 6 names
[ ${#ruled} = 64 ] || exit 3

# path BYTES NAMES PREFIX: names of nearly equal length.
path() {
  awk -v bytes="$1" -v names="$2" -v prefix="$3" 'BEGIN {
    left = bytes - names
    for (i = 0; i < 20; i++) letters = letters "abcdefghijklmnopqrstuvwxyz"
    for (i = 1; i <= names; i++) {
      size = int(left / (names - i + 1))
      left -= size
      printf "/%s", i == 1 ? substr(prefix letters, 1, size) : substr(letters, i, size)
    }
  }'
}
fill() { awk -v n="$1" 'BEGIN { for (i = 0; i < n; i++)
  printf "path /srv/data/%05d/some-directory-name/another-one1/file-%06d.txt - block\n", i, i * 7919 % 100003 }'; }
sources() {
  echo "dir $P/other/ /bin/trusted block,recursive"
  echo "path $ruled.bak /bin/trusted block"
}
owners() { echo "path $ruled - block,owner"; }
audit() { echo "path $P/seen-name1.txt - audit"; }
plain() {
  echo "dir $P/plain/ - block,recursive"
  echo "path $ruled.old - block"
}
others() {
  echo "protocol raw - block"
  echo "capability sys_chroot - block"
}
all() { sources; owners; audit; plain; others; }

{ plain; fill 8; } >"$out/rules-plain"
{ plain; sources; fill 6; } >"$out/rules-sources"
{ plain; owners; fill 7; } >"$out/rules-owners"
{ plain; audit; fill 7; } >"$out/rules-audit"
for count in 10 100 1000 10000; do { all; fill $((count - 8)); } >"$out/rules-$count"; done

{
  echo "floor - floor $ruled"
  echo "unattached - open $ruled"
  for count in 10 100 1000 10000; do
    echo "early-$count $count open /usr/lib/directory-name/another-directory/some/file-name1.txt"
    echo "near-$count $count open $P/fine-name1.txt"
    echo "ruled-$count $count open $ruled"
  done
  for set in plain sources owners audit; do echo "ruled-$set $set open $ruled"; done
  echo "seen-10 10 open $P/seen-name1.txt"
  for kind in socket capable; do
    echo "$kind-10 10 $kind -"
    echo "$kind-10000 10000 $kind -"
  done
} >"$out/cases"

# Lengths and depths: a rule for the directory, so that the last byte decides.
{ sources; owners; audit; } >"$out/rules-lengths"
measured() {
  local file=$(path "$2" "$3" "$4")
  echo "dir ${file%/*}/ - block,owner" >>"$out/rules-lengths"
  echo "$1 lengths open $file" >>"$out/cases"
}
measured length-16 16 5 A
for bytes in 32 64 128 256 1024; do measured length-$bytes "$bytes" 5 "L${bytes}x"; done
measured length-4000 4000 20 L4000x
for names in 2 10 20; do measured depth-$names 64 "$names" "$(printf '\\%o' $((names + 66)) | xargs -0 printf '%b')"; done

for rules in "$out"/rules-*; do
  set=${rules##*/rules-}
  awk -v set="$set" '
    function item(text) { return "      - {" text ($3 == "-" ? "" : ", fromSource: [{path: " $3 "}]") ", action: " ($4 ~ /block/ ? "Block" : "Audit") "}\n" }
    { owner = $4 ~ /owner/ ? ", ownerOnly: true" : ""; recursive = $4 ~ /recursive/ ? ", recursive: true" : "" }
    $1 == "path" { paths = paths item("path: " $2 owner) }
    $1 == "dir" { dirs = dirs item("dir: " $2 recursive owner) }
    $1 == "protocol" { network = network item("protocol: " $2) }
    $1 == "capability" { capabilities = capabilities item("capability: " $2) }
    END {
      print "apiVersion: security.kubearmor.com/v1\nkind: KubeArmorPolicy\nmetadata: {name: bench, namespace: bench}\nspec:"
      print "  selector: {matchLabels: {app: bench}}\n  file:"
      if (paths) printf "    matchPaths:\n%s", paths
      if (dirs) printf "    matchDirectories:\n%s", dirs
      if (network) printf "  network:\n    matchProtocols:\n%s", network
      if (capabilities) printf "  capabilities:\n    matchCapabilities:\n%s", capabilities
    }' "$rules" >"$out/policy-$set.yaml"
done
