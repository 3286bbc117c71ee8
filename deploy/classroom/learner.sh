#!/bin/sh
# Runs a learner's server in a box: the learner's own user, own process table, own /tmp, and limits. Root starts it.
#   learner.sh NAME COMMAND [ARGUMENT …]
set -eu
here=$(dirname "$(readlink -f "$0")")
name=$1
case $name in "" | -* | *[!a-z0-9_-]*) echo "learner.sh: $name is no name of a learner" >&2; exit 2 ;; esac
[ "$(id -u "$name")" -ge 1000 ] || { echo "learner.sh: $name is a user of the system" >&2; exit 2; }
memory=$((${CLASSROOM_MEMORY_MB:-1500} * 1024 * 1024))
tasks=${CLASSROOM_TASKS:-200}

# A limit on all that a learner runs, where the kernel has control groups that root may make.
put() { echo "$1" 2>/dev/null >"$2"; }
whole() {
    group=/sys/fs/cgroup
    if [ -w $group/cgroup.subtree_control ]; then
        put "+memory +pids" $group/cgroup.subtree_control
        mkdir -p $group/mountlab-class && put "+memory +pids" $group/mountlab-class/cgroup.subtree_control
        group=$group/mountlab-class/$name
        mkdir -p "$group" && put "$memory" "$group/memory.max" && put "$tasks" "$group/pids.max" &&
            put $$ "$group/cgroup.procs"
    elif [ -w $group/memory/tasks ] && [ -w $group/pids/tasks ]; then
        mkdir -p "$group/memory/mountlab-class/$name" "$group/pids/mountlab-class/$name" &&
            put "$memory" "$group/memory/mountlab-class/$name/memory.limit_in_bytes" &&
            put "$tasks" "$group/pids/mountlab-class/$name/pids.max" &&
            put $$ "$group/memory/mountlab-class/$name/cgroup.procs" &&
            put $$ "$group/pids/mountlab-class/$name/cgroup.procs"
    else
        return 1
    fi
}
whole || echo "learner.sh: no control groups here; each process of $name is limited, not their sum" >&2

exec unshare --mount --pid --ipc --fork --kill-child --mount-proc \
    "$here/learner-inside.sh" "$memory" "$tasks" "$@"
