# What `armorc events` makes of the matcher's real events. `run.sh` compares what stands between BEGIN and END with
# expected/, times and process numbers masked.
. /lib.sh
mkdir /data/mine
for name in secret sourced watched mine/key; do echo $name >/data/$name; done
chown 33 /data/mine/key
cp /bin/busybox /bin/nobody
cp /bin/busybox /opt/

# One of each kind, in one process tree. `true` is a builtin: a redirection is the shell's own.
cat >/tmp/all <<'END'
read -r line </data/secret
/opt/busybox cat /data/sourced
read -r line </data/watched
read -r line </data/mine/key
/bin/nobody
ifconfig lo
date -s 2030-01-01
mkdir /data/made
mount --bind /data /mnt
END
cat >/data/list <<'END'
read -r line </data/secret
read -r line </etc/hostname
ping -c 1 -W 1 127.0.0.1
END
make_all() { armorc run --domain shop/cart -- sh /tmp/all >/tmp/all.out 2>&1; }
make_list() { armorc run --domain shop/list -- busybox sh /data/list >/tmp/list.out 2>&1; }
events() { armorc events "$@" 2>/tmp/events.err; }
lines() { events --once "$@" | grep -c .; }

echo node-1 >/etc/hostname
check "load" 0 "$(status armorc load /bundles/events)"
cat /tmp/out
make_all
make_list
echo "BEGIN events.jsonl"
events --once
echo "END"
check "no notes" "" "$(cat /tmp/events.err)"
make_all
echo "BEGIN events.txt"
events --once --format text --policy cart-rest
echo "END"
make_all
echo "BEGIN events-file.jsonl"
events --once --format json-file --policy cart-files --severity-at-least 9
echo "END"

# MARK: filters
make_all
check "nothing is left after that" "$(lines)" "$(make_all; lines)"
check "nothing is left" 0 "$(lines)"
filtered() { # filtered WORDS EXPECTED OPTIONS...
  words=$1 expected=$2
  shift 2
  make_all
  check "filter: $words" "$expected" "$(lines "$@")"
}
filtered "an operation" 1 --operation process
filtered "two operations" 2 --operation network --operation capabilities --action block
filtered "an action" 2 --action audit
filtered "a policy" 3 --policy cart-rest
filtered "a severity" 4 --severity-at-least 5
filtered "a subject" 0 --subject shop.list.list
filtered "a limit" 2 --limit 2
lines >/dev/null

# MARK: follow
armorc events --limit 4 >/tmp/followed &
follower=$!
sleep 2
check "one reader only" 3 "$(status armorc events --once)"
make_all
wait $follower
check "follow: it ends by itself" 0 $?
check "follow: what it was asked for" 4 "$(grep -c . /tmp/followed)"
lines >/dev/null
armorc events --follow >/tmp/followed &
follower=$!
sleep 2
make_all
sleep 3
kill -TERM $follower
wait $follower
check "follow: a signal ends it" 0 $?
check "follow: everything came" 1 "$(grep -c '"Resource":"/data/secret"' /tmp/followed)"

# MARK: bursts
counter() { armorc status --json | sed -n "/\"shop.cart.cart\"/,/^    }/s/^ *\"$1\": \([0-9]*\),*$/\1/p"; }
secrets() { grep -c '"Resource":"/data/secret"' $1; }
lost_before=$(counter lost)
blocked_before=$(counter blocked)
check "burst: every single one is denied" "opened 0, tried $BURST" "$(armorc run --domain shop/cart -- burst /data/secret $BURST)"
lost=$(($(counter lost) - lost_before))
check "burst: every single one is counted" $BURST $(($(counter blocked) - blocked_before))
events --once >/tmp/burst
check "burst: nobody reads: what is not shown is counted as lost" $BURST $(($(secrets /tmp/burst) + lost))
[ $lost -gt 0 ] && some=yes || some=no
check "burst: the ring was full" yes $some
echo "NOTE burst without a reader: $(secrets /tmp/burst) shown, $lost lost"
lost_before=$(counter lost)
armorc events --follow >/tmp/burst 2>/tmp/burst.err &
follower=$!
sleep 2
start=$(cut -d' ' -f1 /proc/uptime | tr -d .)
check "burst: a reader slows nobody" "opened 0, tried $BURST" "$(armorc run --domain shop/cart -- burst /data/secret $BURST)"
took=$(($(cut -d' ' -f1 /proc/uptime | tr -d .) - start))
# A slow reader is waited for, two minutes at most.
lost=$(($(counter lost) - lost_before))
for try in $(seq 60); do
  [ $(secrets /tmp/burst) -ge $((BURST - lost)) ] && break
  sleep 2
done
kill -TERM $follower
wait $follower
told=$(sed -n 's/.*"Lost":"\([0-9]*\)".*/\1/p' /tmp/burst | awk '{ sum += $1 } END { print sum + 0 }')
check "burst: shown and told as lost are all" $BURST $(($(secrets /tmp/burst) + told))
sed "s/^/NOTE /" /tmp/burst.err
echo "NOTE burst with a reader: $BURST events in $took hundredths of a second: $(secrets /tmp/burst) shown, $told lost"
check "a rate" 0 "$(status armorc load /bundles/events --rate 10)"
held_before=$(counter heldBack)
armorc run --domain shop/cart -- burst /data/secret $BURST >/tmp/out
check "rate: every single one is denied" "opened 0, tried $BURST" "$(cat /tmp/out)"
held=$(($(counter heldBack) - held_before))
events --once >/tmp/burst
check "rate: what is not shown is counted as held back" $BURST $(($(secrets /tmp/burst) + held))
echo "NOTE rate of 10 per second: $(secrets /tmp/burst) shown, $held held back"
check "unload" 0 "$(status armorc unload)"
nothing_left
