"""The options of ``docker run`` and ``docker create``.

Source: docker/cli v20.10.24, cli/command/container/opts.go (addFlags), run.go, create.go.  What an option
does to mounts decides its last column: a field of the request, ``-`` for nothing, ``!`` and a reason where
mountlab does not know what would come of it.  The value of an option that does nothing to mounts is looked
at only where its kind is one that `flags` and `values` can read.
"""

from __future__ import annotations

from typing import Final

NO_FILE: Final = "!it would read a file on the client's side, which is not modelled; write the values out"
NEW_CONTAINER: Final = f"""
add-host host -
attach/a stream attach
blkio-weight uint16 -
blkio-weight-device list -
cap-add list cap_add
cap-drop list cap_drop
cgroup-parent string -
cgroupns string cgroupns
cidfile string !it would write a file on the client's side, which is not modelled; use --name
cpu-period int -
cpu-quota int -
cpu-rt-period int -
cpu-rt-runtime int -
cpu-shares/c int -
cpus rational -
cpuset-cpus string -
cpuset-mems string -
device list -
device-cgroup-rule list -
device-read-bps list -
device-read-iops list -
device-write-bps list -
device-write-iops list -
disable-content-trust bool -
dns list -
dns-opt list -
dns-option list -
dns-search list -
domainname string -
entrypoint string entrypoint
env/e env env
env-file list {NO_FILE}
expose list -
gpus list !what a GPU's driver mounts into a container is not modelled
group-add list -
health-cmd string -
health-interval duration -
health-retries int -
health-start-period duration -
health-timeout duration -
help bool help
hostname/h string hostname
init bool init
interactive/i bool interactive
ip string -
ip6 string -
ipc string ipc
isolation string -
kernel-memory bytes -
label/l label -
label-file list {NO_FILE}
link list -
link-local-ip list -
log-driver string -
log-opt list -
mac-address string -
memory/m bytes -
memory-reservation bytes -
memory-swap swap -
memory-swappiness int -
mount mount mount
name string name
net string network
net-alias list -
network string network
network-alias list -
no-healthcheck bool -
oom-kill-disable bool -
oom-score-adj int -
pid string pid
pids-limit int -
platform string !images of other machines are not modelled
privileged bool privileged
publish/p list -
publish-all/P bool -
pull string -
read-only bool read_only
restart string restart
rm bool remove
runtime string runtime
security-opt list security_opt
shm-size bytes shm_size
stop-signal string -
stop-timeout int -
storage-opt list !the size of a container's own layer is not modelled
sysctl list -
tmpfs list tmpfs
tty/t bool tty
ulimit list -
user/u string user
userns string userns
uts string uts
volume/v list volume
volume-driver string volume_driver
volumes-from list volumes_from
workdir/w string workdir
cpu-count int !it is an option for Windows only
cpu-percent int !it is an option for Windows only
io-maxbandwidth bytes !it is an option for Windows only
io-maxiops uint64 !it is an option for Windows only
"""
RUN_ONLY: Final = """
detach/d bool detach
detach-keys string -
sig-proxy bool -
"""
