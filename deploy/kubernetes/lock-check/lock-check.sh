#!/bin/sh
# Do two processes on two nodes exclude each other by flock() on a shared volume? Each is given a number:
#   0 holds a lock; 1 must be refused; 0's holder is killed; 1 must get it; now 0 must be refused.
# Both say PASS and exit 0, or one says FAIL and why and exits 1. The lock is taken as the worker takes a profile's:
# by a process that turns into another one and holds it until it is dead.
#
# VOLUME: the mount. RUN: a name that both share, new for every run. NODE_NAME: where this one runs.
# JOB_COMPLETION_INDEX: its number. WAIT_SECONDS: how long it waits for the other, 300 where it is not set.
set -u

number=$JOB_COMPLETION_INDEX
dir=$VOLUME/.lock-check/$RUN
lock=$dir/lock
wait_seconds=${WAIT_SECONDS:-300}
holder=

say() { echo "lock-check $number on $NODE_NAME: $*"; }

fail() {
  say "FAIL: $*"
  echo "$*" > "$dir/failed-$number" 2> /dev/null
  exit 1
}

# Kills whoever holds the lock for us.
let_go() {
  if [ -z "$holder" ]; then return; fi
  kill -9 "$holder" 2> /dev/null
  wait "$holder" 2> /dev/null
  holder=
}
trap let_go EXIT

# Waits for a word of the other: a file that is there and no longer empty. Listing the folder makes a network file system
# look again.
await() {
  deadline=$(($(date +%s) + wait_seconds))
  until [ -s "$dir/$1" ]; do
    ls -a "$dir" > /dev/null 2>&1
    if [ -e "$dir/failed-$((1 - number))" ]; then
      say "FAIL: the other one failed, see its log"
      exit 1
    fi
    if [ "$(date +%s)" -ge "$deadline" ]; then
      fail "no '$1' from the other one within $wait_seconds s: it does not run, or this is not one volume"
    fi
    sleep 0.2
  done
}

tell() { echo "$NODE_NAME" > "$dir/$1" || fail "cannot write to the volume"; }

# Takes the lock and holds it in a process of its own, which says "$1" once it has it.
hold() {
  flock --nonblock --no-fork --conflict-exit-code 75 "$lock" \
    sh -c 'echo "$1" > "$2" && exec sleep 3600' hold "$NODE_NAME" "$dir/$1" &
  holder=$!
}

must_be_refused() {
  flock --nonblock --conflict-exit-code 75 "$lock" true
  case $? in
    75) say "refused, as it should be" ;;
    0) fail "got a lock that the other one holds: locks do NOT exclude on this volume. Do not run workers of several nodes on it." ;;
    *) fail "flock does not work on this volume" ;;
  esac
}

mkdir -p "$dir" && : >> "$lock" || fail "cannot write to the volume"

if [ "$number" -eq 0 ]; then
  hold held-by-0
  await held-by-0
  await refused-1
  let_go
  tell released-0
  await held-by-1
  must_be_refused
  tell refused-0
  say "PASS"
else
  await held-by-0
  other=$(cat "$dir/held-by-0")
  if [ "$other" = "$NODE_NAME" ]; then fail "both run on $NODE_NAME: that proves nothing about two nodes"; fi
  must_be_refused
  tell refused-1
  await released-0
  # The holder is dead: its lock must be free, at once or when the server has heard of it.
  began=$(date +%s)
  until flock --nonblock "$lock" true; do
    if [ "$(date +%s)" -ge $((began + wait_seconds)) ]; then fail "a killed holder's lock is not given free"; fi
    sleep 0.2
  done
  hold held-by-1
  await held-by-1
  say "got the lock of a killed holder after $(($(date +%s) - began)) s"
  await refused-0
  # Network file systems keep the name of a file that is open: close it first.
  let_go
  rm -rf "$dir" && rmdir "$VOLUME/.lock-check" 2> /dev/null
  say "PASS"
fi
