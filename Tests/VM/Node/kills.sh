# Loads that are killed at times that lie evenly over a whole load: all subjects are of one generation, and every task is
# decided as one bundle says.
. /lib.sh
check "load" 0 "$(status armorc load /bundles/old)"
for name in one two three; do
  case $name in one) domain=11 ;; two) domain=22 ;; three) domain=33 ;; esac
  start_asker $name armorc run --domain node/$domain --
done
ticks() { cut -d' ' -f1 /proc/uptime | tr -d .; }
start=$(ticks)
for side in new old new old; do armorc load /bundles/$side >/dev/null; done
whole=$((($(ticks) - start) / 4))
armorc load /bundles/new >/dev/null
side=new
snapshot() { armorc status --json >/tmp/status; }
of_status() { sed -n "s/^  \"$1\": \"*\([^\",]*\)\"*,*$/\1/p" /tmp/status; }
snapshot
now=$(of_status generation)
round=0 before=0 within=0 after=0 ended=0 mixed=0
while [ $round -lt $ROUNDS ]; do
  generation=$now
  if [ $side = new ]; then next=old; else next=new; fi
  armorc load /bundles/$next >/dev/null 2>&1 &
  loader=$!
  # Multiples of 618/1000 lie evenly; hundredths of seconds, a tenth beyond the end.
  usleep $((whole * ((round * 618) % 1000) * 11))
  if kill -9 $loader 2>/dev/null; then killed=yes; else killed=no; fi
  wait $loader 2>/dev/null
  snapshot
  now=$(of_status generation)
  if [ "$now" = "$generation" ]; then
    # With the old one in force: the bank of the generation before was written to, or was not.
    [ $killed = yes ] || check "round $round: ended without an effect" yes no
    if [ "$(of_status previous)" = null ]; then within=$((within + 1)); else before=$((before + 1)); fi
  else
    side=$next
    if [ $killed = yes ]; then after=$((after + 1)); else ended=$((ended + 1)); fi
  fi
  bundle=$(of_status bundle)
  case $side in old) expected="no yes" ;; new) expected="yes no" ;; esac
  good=yes
  [ "${bundle##*/}" = $side ] || good="the bundle of the status is $bundle"
  [ "$(grep -c '"imageSHA256": "' /tmp/status)" = 24 ] || good="not 24 domains"
  for name in one two three; do
    answers="$(ask $name /data/a) $(ask $name /data/b)"
    [ "$answers" = "$expected" ] || good="task $name is answered $answers"
  done
  [ "$good" = yes ] || mixed=$((mixed + 1))
  check "round $round: all of $side" yes "$good"
  # Left for the next round: a generation to return to.
  [ "$(of_status previous)" != null ] || { armorc load /bundles/$side >/dev/null; snapshot; now=$(of_status generation); }
  round=$((round + 1))
done
echo "NOTE $ROUNDS loads of $whole hundredths of a second, killed: $before before anything of it was written, $within while the idle bank was, $after after the switch; $ended had ended; mixtures: $mixed"
check "load after all that" 0 "$(status armorc load /bundles/old)"
check "decisions after all that" no "$(ask three /data/a)"
for name in one two three; do end_asker $name; done
check "unload after all that" 0 "$(status armorc unload)"
nothing_left
