#!/usr/bin/env bash
# Figures of the release build beside baselines of the same run. BENCH_FULL=1 measures everything (an hour or more);
# without it large sizes are extrapolated where that is said. BENCH_CORPUS names a directory of real policies.
# All that is printed is kept in .build/bench.txt.
set -euo pipefail
cd "$(dirname "$0")/.."
swift=${SWIFT:-swift}
benches=(DiffBench EventBench ImageBench SimulateBench)
echo "building ..." >&2
"$swift" build -c release --product armorc >&2
"$swift" build -c release --package-path Benchmarks >&2
for bench in "${benches[@]}"; do ARMORC_BENCH=1 "$swift" build -c release --product "$bench" >&2; done
scratch=$(mktemp -d "${TMPDIR:-/tmp}/armorc-bench.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
static=()
[ ! -x .build/static/armorc ] || static=(.build/static/armorc)
kept=.build/bench.txt

measure() {
  Benchmarks/.build/release/Bench report .build/release/armorc "$scratch" "${static[@]}"
  .build/release/DiffBench
  .build/release/ImageBench sizes
  .build/release/SimulateBench
  .build/release/EventBench
  Benchmarks/Kernel/run.sh
}
# What most people ask for, out of the rest.
summary() {
  echo
  echo "in short (6.1 and 6.12: armorc, baseline, ratio)"
  grep -E '^(task that nobody|10 rules, nothing near|10 rules, rules for dir|(10|10000) rules, a rule for this|10 rules, audited)' "$kept" || true
  grep -E '^ns  |^10,000 rules, 256 paths' "$kept" || true
  grep -E '^(first load|load in its place|rollback|100,000 a second, JSON)|^ *JSON: ' "$kept" || true
  echo "in $((SECONDS / 60)) min $((SECONDS % 60)) s"
}
SECONDS=0
measure 2>&1 | tee "$kept"
summary | tee -a "$kept"
