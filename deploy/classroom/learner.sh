#!/bin/sh
# Runs a learner's server in a box: own user, own process table, own /tmp, own home and no other's, and limits.
#   learner.sh NAME COMMAND [ARGUMENT …]      started by the hub, as root
set -eu
here=$(dirname "$(readlink -f "$0")")
state=${CLASSROOM_STATE:-/var/lib/mountlab-classroom}
name=$1
case $name in "" | -* | *[!a-z0-9_-]*) echo "learner.sh: $name is no name of a learner" >&2; exit 2 ;; esac
[ "$(id -u "$name")" -ge 1000 ] || { echo "learner.sh: $name is a user of the system" >&2; exit 2; }
memory=$((${CLASSROOM_MEMORY_MB:-1500} * 1024 * 1024))
tasks=${CLASSROOM_TASKS:-200}

# All that a learner runs, together: version 2 of control groups, or version 1. Processors are shared equally.
top=/sys/fs/cgroup
class=mountlab-class
put() { { echo "$1" >"$2"; } 2>/dev/null; }
version_2() {
    [ -f $top/cgroup.controllers ] && mkdir -p $top/$class &&
        put "+memory +pids +cpu" $top/cgroup.subtree_control &&
        put "+memory +pids +cpu" $top/$class/cgroup.subtree_control &&
        mkdir -p "$top/$class/$name" &&
        put "$memory" "$top/$class/$name/memory.max" && put "$tasks" "$top/$class/$name/pids.max" || return 1
    put 0 "$top/$class/$name/memory.swap.max" || true
    put $$ "$top/$class/$name/cgroup.procs"
}
version_1() {
    for kind in memory pids cpu; do
        [ -f $top/$kind/cgroup.procs ] && mkdir -p "$top/$kind/$class/$name" 2>/dev/null || return 1
    done
    put "$memory" "$top/memory/$class/$name/memory.limit_in_bytes" && put "$tasks" "$top/pids/$class/$name/pids.max" &&
        put $$ "$top/memory/$class/$name/cgroup.procs" && put $$ "$top/pids/$class/$name/cgroup.procs" &&
        put $$ "$top/cpu/$class/$name/cgroup.procs"
}
each=unlimited
if ! version_2 && ! version_1; then
    echo "learner.sh: no control groups here: each process of $name may have the memory that all should share" >&2
    each=$memory
fi

# setup.sh may have made a disk of limited size for this home.
home=$(getent passwd "$name" | cut -d: -f6)
if [ -e "$state/homes/$name" ] && ! mountpoint -q "$home"; then
    mount -o loop,nosuid,nodev "$state/homes/$name" "$home"
fi
chmod 700 "$home"

exec unshare --mount --pid --ipc --fork --kill-child --mount-proc \
    "$here/learner-inside.sh" "$home" "$each" "$tasks" "$@"
