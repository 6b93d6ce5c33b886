#!/usr/bin/env bash
# Stands for az in BlueGreenTests: the test at $LOCAL_AZ carries the command out on gateways of this machine, an argument a line.
printf '%s\n' "$@" | curl --silent --show-error --fail-with-body --data-binary @- "$LOCAL_AZ"
