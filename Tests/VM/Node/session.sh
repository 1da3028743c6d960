# The session of docs/session.md. `run.sh` compares what stands between BEGIN and END with it.
. /lib.sh
cd /root
export PATH=/bin:/usr/bin
# What the operator types, and what comes of it.
node() { echo "node# $*"; eval "$*" 2>&1 | cat; }
# A line for the shell of the container, and what comes of it. It goes on running in between.
mkfifo /tmp/in
exec 9<>/tmp/in
cart() {
  echo "cart# $*"
  : >/tmp/cart
  printf '%s\necho "$((6 * 7)) is the end"\n' "$*" >&9
  for tick in $(seq 600); do grep -q "42 is the end" /tmp/cart && break; usleep 50000; done
  sed '/42 is the end/d' /tmp/cart
}
: >/tmp/cart
mkdir -p /srv/cards/keys
echo "4 cards" >/srv/cards/today
echo "f00d" >/srv/cards/keys/master
cp /bin/busybox /usr/bin/curl

echo "BEGIN session"
node cat policies/cart.yaml
node armorc build policies -o out --target bpf
node armorc load out
echo "node# armorc run --domain shop/cart -- sh"
armorc run --domain shop/cart -- sh <&9 >>/tmp/cart 2>&1 &
cart cat /srv/cards/today
cart curl example.com
node armorc events --once --format text --action block
node "sed -i 's:/srv/cards/:/srv/cards/keys/:' policies/cart.yaml"
node armorc diff out policies
node armorc build policies -o out --target bpf
node armorc load out
cart cat /srv/cards/today
cart cat /srv/cards/keys/master
node armorc rollback
cart cat /srv/cards/today
node armorc status
node armorc unload
cart cat /srv/cards/today
echo "END"
echo exit >&9
wait
nothing_left
