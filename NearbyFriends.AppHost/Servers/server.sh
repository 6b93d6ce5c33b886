#!/bin/sh
# Runs a server that is installed on this machine, until it ends or is told to:
#   server.sh redis|postgres FOLDER keep|drop [ARGUMENTS OF THE SERVER]
#   server.sh etcd           FOLDER keep|drop CLIENT_PORT PEER_PORT
#   server.sh cluster        FOLDER keep|drop FIRST_PORT ADDRESS
# Its data is in FOLDER, which is kept or dropped at the end. Passwords come by environment.
kind=$1 folder=$2 fate=$3
shift 3
scripts=$(cd "$(dirname "$0")" && pwd)
signal=TERM
mkdir -p "$(dirname "$folder")" && umask 077 && mkdir -p "$folder" && cd "$folder" || exit

fail() { echo "$*" >&2; [ "$fate" = keep ] || rm -rf "$folder"; exit 1; }

# As postgres when we are root, for Postgres refuses to run as root.
as_postgres() {
  if [ "$(id -u)" = 0 ]; then exec setpriv --reuid=postgres --regid=postgres --init-groups "$@"; else exec "$@"; fi
}

postgres_folder() {
  (as_postgres test -x "$(dirname "$folder")") && { [ "$(id -u)" != 0 ] || chown postgres: .; return; }
  folder=/var/tmp/nearbyfriends-$(printf %s "$folder" | cksum | cut -d ' ' -f 1)
  mkdir -p "$folder" && cd "$folder" && chown postgres: . || exit
  echo "The user postgres may not enter the folder of this system, so its data is in $folder."
}

case $kind in
  redis)
    # Read from standard input: everybody can see a command line.
    printf '%s\n' 'bind 127.0.0.1' "requirepass $REDIS_PASSWORD" 'loglevel warning' 'save ""' >.settings
    redis-server - "$@" <.settings & ;;
  postgres)
    # By SIGTERM it would wait for its clients; by SIGINT it ends their sessions.
    signal=INT
    PATH=$PATH:$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
    postgres_folder
    if [ ! -s PG_VERSION ]; then
      rm -rf new && printf %s "$POSTGRES_PASSWORD" >.password && { [ "$(id -u)" != 0 ] || chown postgres: .password; }
      (cd / && as_postgres initdb -D "$folder/new" -U postgres --pwfile="$folder/.password" --auth=scram-sha-256 --encoding=UTF8 --locale=C) >/dev/null ||
        fail "initdb failed in $folder."
      rm -f .password
      for database in $POSTGRES_DATABASES; do
        echo "create database $database" | (as_postgres postgres --single -D "$folder/new" postgres) >/dev/null || fail "The database $database cannot be created."
      done
      mv new/* . && rmdir new
    fi
    [ "$(cat PG_VERSION)" = "$(postgres -V | sed 's/[^0-9]*\([0-9]*\).*/\1/')" ] ||
      fail "The data in $folder is of PostgreSQL $(cat PG_VERSION), but $(postgres -V) is installed: install postgresql-$(cat PG_VERSION), or move the folder away to begin anew."
    (as_postgres postgres -D "$folder" -c listen_addresses=127.0.0.1 -c unix_socket_directories= "$@") & ;;
  etcd)
    etcd --data-dir "$folder" --logger zap --log-level warn \
      --listen-client-urls "http://127.0.0.1:$1" --advertise-client-urls "http://127.0.0.1:$1" \
      --listen-peer-urls "http://127.0.0.1:$2" --initial-advertise-peer-urls "http://127.0.0.1:$2" --initial-cluster "default=http://127.0.0.1:$2" & ;;
  cluster) /bin/sh "$scripts/redis-cluster.sh" "$@" & ;;
  *) fail "server.sh cannot run '$kind'." ;;
esac

server=$!
trap 'kill -$signal $server 2>/dev/null' TERM INT HUP
wait $server
code=$?
# A signal interrupts the wait; the server may take a moment.
while kill -0 $server 2>/dev/null; do wait $server; code=$?; done
[ "$fate" = keep ] || { cd / && rm -rf "$folder"; }
exit $code
