#!/usr/bin/env bash
# Replaces the gateways by a new image beside the old ones, and moves new connections over by weight:
#   blue-green.sh release IMAGE     a new revision; 10 %, 50 %, then all; back at once where it is not healthy
#   blue-green.sh rollback          the revision before has all again, and the newer one ends
# Set RESOURCE_GROUP. APP (gateway), STEPS ("10 50 100"), WATCH (120: seconds that each step is watched) and CHECK may be set too: a
# command that fails when the system is not well, such as a query of its alerts; it is given the new revision's name.
#
# Weights decide for new connections only. Whoever is connected stays until the old revision ends: then its gateways drain, telling each
# client to reconnect at a moment of its own. Needs az with its extension containerapp.
set -euo pipefail

app=${APP:-gateway} watch=${WATCH:-120}
say() { echo "blue-green: $*"; }
fail() { echo "blue-green: $*" >&2; exit 1; }
[ -n "${RESOURCE_GROUP:-}" ] || fail "RESOURCE_GROUP is not set."
on_app=(--name "$app" --resource-group "$RESOURCE_GROUP")

revisions() { az containerapp revision list "${on_app[@]}" --all --query "$1" --output tsv; }
health() { az containerapp revision show "${on_app[@]}" --revision "$1" --query properties.healthState --output tsv; }
weigh() { az containerapp ingress traffic set "${on_app[@]}" --revision-weight "$@" --output none; }
activate() { az containerapp revision activate "${on_app[@]}" --revision "$1" --output none; }
deactivate() { az containerapp revision deactivate "${on_app[@]}" --revision "$1" --output none; }
serving() { revisions 'max_by([?properties.trafficWeight > `0`], &properties.trafficWeight).name'; }

# well REVISION SECONDS: is it healthy for so long?
well() {
  local until=$((SECONDS + $2))
  while :; do
    [ "$(health "$1")" = Healthy ] || return 1
    if [ -n "${CHECK:-}" ]; then $CHECK "$1" || return 1; fi
    [ $SECONDS -lt $until ] || return 0
    sleep 5
  done
}

release() {
  local old new share patience=60
  old=$(serving)
  [ -n "$old" ] || fail "no revision of $app has traffic."
  new=$app--r$(date -u +%y%m%d%H%M%S)
  # By name, so that the new revision starts with none.
  weigh "$old=100"
  az containerapp update "${on_app[@]}" --image "$1" --revision-suffix "${new#"$app"--}" --output none
  say "$new starts beside $old"
  until [ "$(health "$new")" = Healthy ]; do
    patience=$((patience - 1))
    if [ $patience = 0 ]; then deactivate "$new"; fail "$new did not become healthy; $old serves as before."; fi
    sleep "${PAUSE:-5}"
  done
  for share in ${STEPS:-10 50 100}; do
    if [ "$share" = 100 ]; then weigh "$new=100"; else weigh "$new=$share" "$old=$((100 - share))"; fi
    say "$new has $share %"
    if ! well "$new" "$watch"; then
      weigh "$old=100"
      deactivate "$new"
      fail "$new is not well at $share %; $old has all again."
    fi
  done
  deactivate "$old"
  say "done: $old drains. azd env set NEARBY_GATEWAY_REVISION ${new#"$app"--}"
}

rollback() {
  local bad good
  bad=$(serving)
  good=$(revisions "reverse(sort_by([?name != '$bad'], &properties.createdTime))[0].name")
  [ -n "$good" ] || fail "there is no revision before $bad."
  activate "$good"
  until [ "$(health "$good")" = Healthy ]; do sleep "${PAUSE:-5}"; done
  weigh "$good=100"
  deactivate "$bad"
  say "$good has all again; $bad drains. azd env set NEARBY_GATEWAY_REVISION ${good#"$app"--}"
}

case ${1:-} in
  release) [ $# = 2 ] || fail "release needs an image."; release "$2" ;;
  rollback) rollback ;;
  *) sed -n '2,10s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac
