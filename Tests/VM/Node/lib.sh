# What all parts use. Every check that fails says FAILED.
check() { # check WORDS EXPECTED FOUND
  if [ "$2" = "$3" ]; then echo "passed $1"; else echo "FAILED $1: expected '$2', found '$3'"; fi
}
status() { "$@" >/tmp/out 2>&1; echo $?; }
field() { armorc status --json | sed -n "s/^  \"$1\": \"*\([^\",]*\)\"*,*$/\1/p"; }

# A task that is asked through a fifo, so that no program is started for it: a file's name is answered by yes or no.
asker() {
  mkfifo /tmp/ask.$1 /tmp/answer.$1
  cat >/tmp/asker <<'END'
while read file; do
  [ "$file" = end ] && exit 0
  # Not ":", a special builtin: a redirection that fails would end the shell.
  if { true <"$file"; } 2>/dev/null; then echo yes; else echo no; fi >&4
done
END
}
ask() {
  answer=nothing
  echo $2 1<>/tmp/ask.$1
  read -t 30 answer <>/tmp/answer.$1
  echo $answer
}
start_asker() { # start_asker NAME COMMAND...
  name=$1
  shift
  asker $name
  # Opened for both directions: neither side waits for the other.
  "$@" sh /tmp/asker <>/tmp/ask.$name 4<>/tmp/answer.$name >/dev/null 2>&1 &
}
end_asker() { echo end 1<>/tmp/ask.$1; rm -f /tmp/ask.$1 /tmp/answer.$1; }
nothing_left() { check "nothing is left" "" "$(find /sys/fs/bpf /run -mindepth 1 ! -name "*.debug")"; }
