#!/bin/sh
# Starts Redis with a password that it makes itself, once. It stands in files that only Redis, gateways and workers
# mount, never on a command line or in an environment.
set -eu
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
