#!/bin/sh
# The first process of a learner's box, called by learner.sh: prepares it, becomes nobody's parent but the server's, tidies up.
#   learner-inside.sh BYTES TASKS NAME COMMAND [ARGUMENT …]
set -eu
here=$(dirname "$(readlink -f "$0")")
memory=$1 tasks=$2 name=$3
shift 3
for folder in /tmp /dev/shm; do
    mount -t tmpfs -o size=256m,mode=1777,nosuid,nodev learner "$folder"
done
HOME=$(getent passwd "$name" | cut -d: -f6)
export HOME
umask 077
cd "$HOME"

as_learner() {
    setpriv --reuid "$name" --regid "$name" --init-groups --no-new-privs --bounding-set=-all --inh-caps=-all \
        prlimit --as="$memory" --nproc="$tasks" --core=0 "$@"
}
as_learner "$here/lab/bin/mountlab" lab --copies-only --work "$HOME/work"
as_learner "$@" &
server=$!
trap 'kill -TERM "$server" 2>/dev/null || true' TERM INT HUP
# A signal ends `wait`, not the server. The shell also buries what the learner's processes leave behind.
while kill -0 "$server" 2>/dev/null; do
    wait "$server" || true
done
