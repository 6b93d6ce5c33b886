#!/usr/bin/env bash
# Stands for az in tests of blue-green.sh: keeps revisions and weights in $FAKE_AZ, a folder with a file for each revision (state,
# weight, time of creation), and writes down each command. Health comes from $FAKE_AZ/health, a line for each answer; none left: Healthy.
set -euo pipefail
echo "$*" >>"$FAKE_AZ/log"
option() { local name=$1; shift; while [ $# -gt 0 ]; do if [ "$1" = "$name" ]; then echo "$2"; return; fi; shift; done; }
revisions=$FAKE_AZ/revisions
weight() { cut -d ' ' -f 2 "$revisions/$1"; }
put() { echo "$2 $3 $(cut -d ' ' -f 3 "$revisions/$1" 2>/dev/null || ls "$revisions" | wc -l)" >"$revisions/$1"; }
state() { cut -d ' ' -f 1 "$revisions/$1"; }
case "$1 $2 $3 ${4:-}" in
  'containerapp revision list '*)
    query=$(option --query "$@")
    if [[ $query == *createdTime* ]]; then
      bad=$(sed -n "s/.*name != '\([^']*\)'.*/\1/p" <<<"$query")
      for file in "$revisions"/*; do [ "${file##*/}" = "$bad" ] || echo "$(cut -d ' ' -f 3 "$file") ${file##*/}"; done | sort -rn | head -n 1 | cut -d ' ' -f 2
    else
      for file in "$revisions"/*; do echo "$(weight "${file##*/}") ${file##*/}"; done | sort -rn | head -n 1 | cut -d ' ' -f 2
    fi ;;
  'containerapp revision show '*)
    answer=$(head -n 1 "$FAKE_AZ/health" 2>/dev/null || true)
    if [ -n "$answer" ]; then sed -i 1d "$FAKE_AZ/health"; echo "$answer"; else echo Healthy; fi ;;
  'containerapp revision activate '*) name=$(option --revision "$@"); put "$name" active "$(weight "$name")" ;;
  'containerapp revision deactivate '*) name=$(option --revision "$@"); put "$name" inactive "$(weight "$name")" ;;
  'containerapp update '*) put "$(option --name "$@")--$(option --revision-suffix "$@")" active 0 ;;
  'containerapp ingress traffic set')
    for file in "$revisions"/*; do put "${file##*/}" "$(state "${file##*/}")" 0; done
    sum=0
    for one in "$@"; do
      if [[ $one == *--*=* ]]; then put "${one%=*}" "$(state "${one%=*}")" "${one#*=}"; sum=$((sum + ${one#*=})); fi
    done
    [ $sum = 100 ] || { echo "weights must add up to 100" >&2; exit 1; } ;;
  *) echo "fake az does not know: $*" >&2; exit 1 ;;
esac
