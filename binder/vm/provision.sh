#!/usr/bin/env bash
# Makes a Debian 12 ready for the clone that this file is in, as root: for a machine that is made for it.
# A second run does only what is missing.
set -euo pipefail
folder=$(realpath "$(dirname "$0")/../..")

if [ "$(id -u)" -ne 0 ]; then
    echo "provision.sh installs packages: run it as root, in a machine that is for this" >&2
    exit 1
fi

# What a learner runs, the runtimes that lessons compare with, and a kernel for users without root.
export DEBIAN_FRONTEND=noninteractive
apt-get -qq update
apt-get -qq -y --no-install-recommends install \
    busybox-static ca-certificates containerd coreutils docker.io git make python3 python3-venv runc \
    strace user-mode-linux util-linux

# What is made in a clone belongs to whom the clone belongs to.
owner=$(stat -c %U "$folder")
runuser -u "$owner" -- make -C "$folder" setup PYTHON=/usr/bin/python3

echo "Next: make -C $folder lab"
