#!/bin/sh
# A private machine for a hub: its own processes, mounts, network, /etc, /home and state. Ends with whoever started it.
#   host.sh LEARNERS COMMAND …    learner-1 … learner-N; $CLASSROOM_STATE/passwords.txt has their passwords
set -eu
if [ "${1:-}" != --inside ]; then
    exec unshare --mount --pid --net --ipc --uts --fork --kill-child --mount-proc --propagation private "$0" --inside "$@"
fi
learners=$2
shift 2
here=$(dirname "$(readlink -f "$0")")
mount -t tmpfs -o mode=755 private /srv
mkdir -p /srv/etc /srv/work
mount -t overlay -o lowerdir=/etc,upperdir=/srv/etc,workdir=/srv/work private-etc /etc
mount -t tmpfs -o mode=755 private-home /home
ip link set lo up
export CLASSROOM_STATE=/srv/state CLASSROOM_DISK_MB=48
seq --format "learner-%g" "$learners" >/srv/names
"$here/../../deploy/classroom/setup.sh" --learners /srv/names
exec "$@"
