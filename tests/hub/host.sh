#!/bin/sh
# A private machine for a hub: its own processes, mounts, network, /etc, /home and state. Ends with whoever started it.
#   host.sh FOLDER LEARNERS COMMAND …    learner-1 … learner-N have the password "a password of NAME"
set -eu
if [ "${1:-}" != --inside ]; then
    exec unshare --mount --pid --net --ipc --uts --fork --kill-child --mount-proc --propagation private "$0" --inside "$@"
fi
folder=$2 learners=$3
shift 3
mount -t tmpfs -o mode=755 private "$folder"
mkdir -p "$folder/etc" "$folder/work" "$folder/state"
mount -t overlay -o "lowerdir=/etc,upperdir=$folder/etc,workdir=$folder/work" private-etc /etc
mount -t tmpfs -o mode=755 private-home /home
ip link set lo up
groupadd mountlab-class
number=1
while [ "$number" -le "$learners" ]; do
    name=learner-$number
    useradd --create-home --user-group --groups mountlab-class --shell /usr/sbin/nologin "$name"
    chmod 700 "/home/$name"
    echo "$name:a password of $name"
    number=$((number + 1))
done | chpasswd
export CLASSROOM_STATE="$folder/state"
exec "$@"
