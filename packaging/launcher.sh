#!/bin/sh
# Runs the executable beside this file, also through a link to it.
[ -h "$0" ] && exec "$(readlink -f -- "$0")" "$@"
case $0 in */*) exec "${0%/*}/arrow-pipes" TOOL "$@" ;; esac
exec ./arrow-pipes TOOL "$@"
