#!/bin/sh
# The first process of a learner's box, started by learner.sh: hides the others' files, starts the server, tidies up.
#   learner-inside.sh HOME BYTES TASKS NAME COMMAND [ARGUMENT …]
set -eu
here=$(dirname "$(readlink -f "$0")")
home=$1 memory=$2 tasks=$3 name=$4
shift 4

# User-mode Linux wants 384 MB in /dev/shm. What is here counts as the learner's memory.
for folder in /tmp /dev/shm; do
    mount -t tmpfs -o size=512m,mode=1777,nosuid,nodev learner "$folder"
done
# In the folder of homes only this learner's is left.
mkdir /tmp/home
mount --bind "$home" /tmp/home
mount -t tmpfs -o size=64k,mode=755 learner "$(dirname "$home")"
mkdir "$home"
mount --move /tmp/home "$home"
rmdir /tmp/home
umask 077
cd "$home"

as_learner() {
    exec setpriv --reuid "$name" --regid "$name" --init-groups --no-new-privs --bounding-set=-all --inh-caps=-all \
        prlimit --as="$memory" --nproc="$tasks" --core=0 "$@"
}
(as_learner "$here/lab/bin/mountlab" lab --copies-only --work "$home/work")
as_learner "$@" &
server=$!
trap 'kill -TERM "$server" 2>/dev/null || true' TERM INT HUP
# A signal ends `wait`, not the server. The shell also buries what the learner's processes leave behind.
while kill -0 "$server" 2>/dev/null; do
    wait "$server" || true
done
