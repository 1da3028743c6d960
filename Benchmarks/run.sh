#!/usr/bin/env bash
# Figures of the release build beside baselines of the same run. BENCH_FULL=1 measures everything (an hour or more);
# without it large sizes are extrapolated where that is said. BENCH_CORPUS names a directory of real policies.
set -euo pipefail
cd "$(dirname "$0")/.."
swift=${SWIFT:-swift}
echo "building ..." >&2
"$swift" build -c release --product armorc >&2
"$swift" build -c release --package-path Benchmarks >&2
for bench in DiffBench EventBench ImageBench SimulateBench; do ARMORC_BENCH=1 "$swift" build -c release --product "$bench" >&2; done
scratch=$(mktemp -d "${TMPDIR:-/tmp}/armorc-bench.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
static=()
[ ! -x .build/static/armorc ] || static=(.build/static/armorc)
Benchmarks/.build/release/Bench report .build/release/armorc "$scratch" "${static[@]}"
.build/release/DiffBench
.build/release/ImageBench sizes
.build/release/SimulateBench
.build/release/EventBench
