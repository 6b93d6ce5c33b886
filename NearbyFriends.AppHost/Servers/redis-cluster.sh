# Six nodes of a Redis Cluster in the current folder, three masters with a replica each, until told to stop:
#   redis-cluster.sh FIRST_PORT ADDRESS_TO_LISTEN_ON     (password: REDIS_PASSWORD)
ports=$(seq "$1" $(($1 + 5)))
export REDISCLI_AUTH="$REDIS_PASSWORD"
nodes=
trap 'kill $nodes 2>/dev/null' TERM INT
for port in $ports; do
  mkdir "node-$port"
  redis-server - <<END &
port $port
bind $2
requirepass $REDIS_PASSWORD
masterauth $REDIS_PASSWORD
dir "$PWD/node-$port"
loglevel warning
save ""
cluster-enabled yes
cluster-announce-ip 127.0.0.1
cluster-node-timeout 3000
cluster-require-full-coverage no
maxmemory 256mb
maxmemory-policy noeviction
END
  nodes="$nodes $!"
done
addresses=
for port in $ports; do
  until redis-cli -p "$port" ping 2>/dev/null | grep -q PONG; do
    kill -0 $nodes 2>/dev/null || { echo "A node of the Redis Cluster did not start; is one of the ports $1 to $(($1 + 5)) taken (RedisCluster:Port)?" >&2; kill $nodes 2>/dev/null; exit 1; }
    sleep 0.1
  done
  addresses="$addresses 127.0.0.1:$port"
done
redis-cli --cluster create $addresses --cluster-replicas 1 --cluster-yes | tail -n 1
wait
