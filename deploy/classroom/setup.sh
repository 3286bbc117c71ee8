#!/bin/sh
# Makes a classroom of a Debian 12 or Ubuntu 24.04 server. Run it as root, from a clone; again: it renews.
#   setup.sh NAMES            a file with one learner's name per line (a-z, 0-9, _ and -)
#   setup.sh --programs       only what is installed
#   setup.sh --learners NAMES only accounts, homes and passwords
# CLASSROOM says where to install (/opt/mountlab-classroom), CLASSROOM_STATE where the hub keeps what is secret
# (/var/lib/mountlab-classroom), CLASSROOM_DISK_MB how large a new home is (1024; 0: as large as the disk).
set -eu
here=$(dirname "$(readlink -f "$0")")
clone=$(readlink -f "$here/../..")
room=${CLASSROOM:-/opt/mountlab-classroom}
state=${CLASSROOM_STATE:-/var/lib/mountlab-classroom}
disk=${CLASSROOM_DISK_MB:-1024}
group=mountlab-class
[ "$#" -ge 1 ] || { sed -n '2,7s/^# //p' "$0" >&2; exit 2; }
[ "$(id -u)" -eq 0 ] || { echo "setup.sh: root installs a classroom: sudo $0 $*" >&2; exit 1; }

# Names first: nothing is half done when one of them is wrong.
check_names() {
    [ -r "$1" ] || { echo "setup.sh: cannot read $1, the file of names" >&2; exit 2; }
    while read -r name || [ -n "$name" ]; do
        case $name in
            "") continue ;;
            [!a-z]* | *[!a-z0-9_-]*) echo "setup.sh: $1: '$name' is no user name: a-z, 0-9, _ and -" >&2; exit 2 ;;
        esac
        if id "$name" >/dev/null 2>&1 && ! id -nG "$name" | grep -qw "$group"; then
            echo "setup.sh: $1: $name is a user of this machine already, and no learner" >&2; exit 2
        fi
    done <"$1"
}

need() { command -v "$1" >/dev/null || wanted="$wanted $2"; }
programs() {
    # What is there already is not asked for: a machine without a network may be set up again.
    wanted=
    need npm "nodejs npm"
    need git git
    need ps procps
    need mkfs.ext4 e2fsprogs
    /usr/bin/python3 -c "import ensurepip" 2>/dev/null || wanted="$wanted python3-venv"
    [ "$(uname -m)" != x86_64 ] || need linux.uml user-mode-linux
    if [ -n "$wanted" ]; then
        apt-get -qq update
        # shellcheck disable=SC2086 # several words
        DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends --no-upgrade install ca-certificates $wanted
    fi
    install -d "$room"
    [ -x "$room/lab/bin/python" ] || /usr/bin/python3 -m venv "$room/lab"
    "$room/lab/bin/pip" --disable-pip-version-check -q install --require-hashes --no-deps -r "$here/requirements.txt"
    "$room/lab/bin/pip" --disable-pip-version-check -q install --no-deps --no-build-isolation --force-reinstall "$clone"
    cp "$here/jupyterhub_config.py" "$here/learner.sh" "$here/learner-inside.sh" \
        "$here/package.json" "$here/package-lock.json" "$room/"
    (cd "$room" && npm ci --ignore-scripts --no-audit --no-fund --silent)
    # Read by all, written by root only.
    chmod -R go+rX,go-w "$room"
}

# A home is a file system in a file: who fills it, fills this one.
home_of() {
    [ "$disk" -gt 0 ] && [ ! -e "$state/homes/$1" ] || return 0
    truncate -s "${disk}M" "$state/homes/$1.new"
    mkfs.ext4 -q -m 0 -E "root_owner=$(id -u "$1"):$(id -g "$1")" "$state/homes/$1.new"
    mv "$state/homes/$1.new" "$state/homes/$1"
}

# A password for each, once: the sheet is for the teacher, and root's.
learners() {
    getent group "$group" >/dev/null || groupadd "$group"
    install -d -m 700 "$state" "$state/homes"
    (umask 077; : >>"$state/passwords.txt")
    while read -r name || [ -n "$name" ]; do
        if [ -z "$name" ] || id "$name" >/dev/null 2>&1; then continue; fi
        useradd --create-home --user-group --groups "$group" --shell /usr/sbin/nologin "$name"
        home_of "$name"
        password=$(python3 -c 'import secrets; print("-".join(secrets.token_hex(2) for _ in range(3)))')
        echo "$name:$password" | chpasswd
        echo "$name $password" >>"$state/passwords.txt"
    done <"$1"
}

service() {
    if [ ! -d /run/systemd/system ]; then
        echo "No systemd here. Start it yourself: PATH=$room/lab/bin:\$PATH jupyterhub -f $room/jupyterhub_config.py"
        return
    fi
    cat >/etc/systemd/system/mountlab-classroom.service <<UNIT
[Unit]
Description=mountlab classroom
After=network.target

[Service]
Environment=PATH=$room/lab/bin:/usr/sbin:/usr/bin:/sbin:/bin
EnvironmentFile=-/etc/default/mountlab-classroom
Environment=CLASSROOM_STATE=$state
WorkingDirectory=$state
ExecStart=$room/lab/bin/jupyterhub -f $room/jupyterhub_config.py
Restart=on-failure

[Install]
WantedBy=multi-user.target
UNIT
    systemctl daemon-reload
    systemctl enable --quiet mountlab-classroom
    systemctl restart mountlab-classroom
}

case $1 in
    --programs) programs ;;
    --learners) check_names "${2:?a file of names}"; learners "$2" ;;
    *)
        check_names "$1"
        programs
        learners "$1"
        service
        echo "The classroom is at http://127.0.0.1:8000; names and passwords: $state/passwords.txt"
        ;;
esac
