#!/bin/sh
# Starts Redis with a password that it makes itself, once. It stands in files that only Redis, gateways and workers
# mount, never on a command line or in an environment.
set -eu

# The bytes of a size as redis.conf has it: 512mb, 2gb, 1g, 1000000.
bytes() {
  number=${1%%[!0-9]*}
  case ${1#"$number"} in
    kb | KB) echo $((number * 1024)) ;;
    mb | MB) echo $((number * 1048576)) ;;
    gb | GB) echo $((number * 1073741824)) ;;
    k | K) echo $((number * 1000)) ;;
    m | M) echo $((number * 1000000)) ;;
    g | G) echo $((number * 1000000000)) ;;
    *) echo "$number" ;;
  esac
}

limit=$(cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes 2> /dev/null | head -n 1)
if [ "${limit:-max}" != max ] && [ "$limit" -lt $((2 * $(bytes "$MAXMEMORY"))) ]; then
  echo "REDIS_MAXMEMORY is $MAXMEMORY, and this container may take $limit bytes. Set REDIS_MEM_LIMIT to twice REDIS_MAXMEMORY at least." >&2
  exit 1
fi

password=/run/redis-password/password
if [ ! -s "$password" ]; then
  head -c 32 /dev/urandom | od -An -v -tx1 | tr -d ' \n' > "$password.new"
  # Read by other users than ours: in the other containers.
  chmod 444 "$password.new"
  mv "$password.new" "$password"
fi
umask 077
cat > /run/redis/redis.conf << CONF
dir /data
appendonly yes
appendfsync always
maxmemory ${MAXMEMORY}
maxmemory-policy noeviction
requirepass $(cat "$password")
CONF
chown redis /run/redis/redis.conf
# The image's own entry point gives /data to the user redis and becomes it.
exec docker-entrypoint.sh redis-server /run/redis/redis.conf
