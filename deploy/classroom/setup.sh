#!/bin/sh
# Makes a classroom of a Debian 12 or Ubuntu 24.04 server. Run it as root, from a clone; again: it renews.
#   setup.sh NAMES            a file with one learner's name per line (a-z, 0-9, _ and -)
#   setup.sh --programs-only  neither users nor service
# CLASSROOM says where to install: /opt/mountlab-classroom
set -eu
here=$(dirname "$(readlink -f "$0")")
clone=$(readlink -f "$here/../..")
room=${CLASSROOM:-/opt/mountlab-classroom}
group=mountlab-class
[ "$#" -eq 1 ] || { sed -n '2,5s/^# //p' "$0" >&2; exit 2; }
[ "$(id -u)" -eq 0 ] || { echo "setup.sh: root installs a classroom: sudo $0 $1" >&2; exit 1; }

# Names first: nothing is half done when one of them is wrong.
check_names() {
    [ -r "$1" ] || { echo "setup.sh: cannot read $1, the file of names" >&2; exit 2; }
    while read -r name; do
        case $name in
            "" ) continue ;;
            [!a-z]* | *[!a-z0-9_-]*) echo "setup.sh: $1: '$name' is no user name: a-z, 0-9, _ and -" >&2; exit 2 ;;
        esac
        if id "$name" >/dev/null 2>&1 && ! id -nG "$name" | grep -qw "$group"; then
            echo "setup.sh: $1: $name is a user of this machine already, and no learner" >&2; exit 2
        fi
    done <"$1"
}

programs() {
    # What is there already is not asked for: a machine without a network may be set up again.
    if ! command -v npm setpriv git >/dev/null || ! /usr/bin/python3 -c "import ensurepip" 2>/dev/null; then
        apt-get -qq update
        DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends --no-upgrade install \
            ca-certificates git libpam-runtime nodejs npm procps python3 python3-venv util-linux
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

# A password for each, once: the sheet is for the teacher, and root's.
users() {
    getent group "$group" >/dev/null || groupadd "$group"
    (umask 077; : >>"$room/passwords.txt")
    while read -r name; do
        if [ -z "$name" ] || id "$name" >/dev/null 2>&1; then continue; fi
        useradd --create-home --user-group --groups "$group" --shell /usr/sbin/nologin "$name"
        chmod 700 "/home/$name"
        password=$(python3 -c 'import secrets; print("-".join(secrets.token_hex(2) for _ in range(3)))')
        echo "$name:$password" | chpasswd
        echo "$name $password" >>"$room/passwords.txt"
    done <"$1"
    chmod 600 "$room/passwords.txt"
}

service() {
    [ -d /run/systemd/system ] || { echo "No systemd here. Start it yourself: $room/lab/bin/jupyterhub -f $room/jupyterhub_config.py"; return; }
    cat >/etc/systemd/system/mountlab-classroom.service <<UNIT
[Unit]
Description=mountlab classroom
After=network.target

[Service]
Environment=PATH=$room/lab/bin:/usr/sbin:/usr/bin:/sbin:/bin
EnvironmentFile=-/etc/default/mountlab-classroom
StateDirectory=mountlab-classroom
WorkingDirectory=/var/lib/mountlab-classroom
ExecStart=$room/lab/bin/jupyterhub -f $room/jupyterhub_config.py
Restart=on-failure

[Install]
WantedBy=multi-user.target
UNIT
    systemctl daemon-reload
    systemctl enable --quiet mountlab-classroom
    systemctl restart mountlab-classroom
}

if [ "$1" = --programs-only ]; then
    programs
else
    check_names "$1"
    programs
    users "$1"
    service
    echo "The classroom is at http://127.0.0.1:8000; names and passwords: $room/passwords.txt"
fi
