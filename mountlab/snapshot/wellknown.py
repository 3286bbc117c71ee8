"""Names that tell nothing of whose machine it is: what `redact` leaves as it is."""

from __future__ import annotations

import re

PATHS = frozenset(
    # the directories of every Linux machine
    "bin boot dev etc home lib lib32 lib64 libx32 media mnt opt proc root run sbin srv sys tmp usr var cache"
    " log spool local share src include libexec games mail lock shm pts mqueue hugepages console null zero"
    " full random urandom tty ptmx kmsg fuse core fd stdin stdout stderr self thread-self mapper disk by-id"
    " by-uuid by-path by-label by-partuuid lost+found swapfile efi EFI"
    # /proc and /sys
    " acpi asound bus irq kcore keys timer_list timer_stats sched_debug scsi sysrq-trigger interrupts"
    " latency_stats fs kernel debug tracing config security pstore efivars bpf cgroup unified systemd cpu"
    " cpuacct cpuset memory devices freezer blkio pids hugetlb perf_event net_cls net_prio rdma misc"
    " connections binfmt_misc fuse selinux class block powercap firmware module hypervisor nfsd sunrpc"
    " rpc_pipefs gvfs doc nfs ns net mnt ipc user uts pid mounts mountinfo host_mnt"
    # /etc
    " hosts hostname resolv.conf localtime timezone machine-id passwd group shadow fstab mtab os-release"
    " nsswitch.conf ssl certs pki ca-certificates ssh cni net.d kubernetes manifests"
    # /run and services
    " user credentials incoming propagate inaccessible dir reg journal dbus udev docker.sock containerd.sock"
    " crio crio.sock secrets serviceaccount kubernetes.io netns snapd snap flatpak gdm sddm"
    " timesync timesyncd resolved private"
    # container engines and Kubernetes
    " docker containers containerd image overlay overlay2 overlayfs aufs btrfs zfs vfs devicemapper"
    " merged diff work upper lower l rootfs volumes _data buildkit plugins runtimes swarm network tmpmounts"
    " daemon io.containerd.runtime.v2.task io.containerd.runtime.v1.linux io.containerd.grpc.v1.cri"
    " io.containerd.snapshotter.v1.overlayfs io.containerd.content.v1.content"
    " io.containerd.grpc.v1.introspection snapshots sandboxes"
    " k8s.io moby default storage overlay-containers overlay-layers userdata crun runc youki podman libpod"
    " kubelet pods pod plugins_registry pod-resources device-plugins checkpoints volume-subpaths"
    " volumeDevices"
    " volume-plugins kubernetes.io~projected kubernetes.io~secret kubernetes.io~configmap"
    " kubernetes.io~empty-dir kubernetes.io~csi kubernetes.io~local-volume kubernetes.io~nfs"
    " kubernetes.io~downward-api kubernetes.io~host-path csi pv globalmount globalmounts mount"
    " termination-log etc-hosts rancher k3s agent server k0s minikube microk8s common lxc lxcfs lxd incus"
    " machines nspawn .dockerenv docker-init".split()
)
"""Components of paths."""

PROCESSES = frozenset(
    "init systemd systemd-journald systemd-udevd systemd-logind systemd-networkd systemd-resolved"
    " systemd-timesyncd systemd-nspawn systemd-machined systemd-oomd (sd-pam) (udev-worker) kthreadd"
    " kdevtmpfs"
    " dockerd docker docker-proxy docker-init containerd containerd-shim containerd-shim-runc-v2 runc crun"
    " conmon crio podman tini dumb-init catatonit pause kubelet kube-proxy kube-apiserver"
    " kube-controller-manager"
    " kube-scheduler etcd coredns calico-node flanneld cilium-agent k3s k3s-server k3s-agent"
    " bash sh dash zsh ash busybox sleep sshd cron crond agetty login su sudo dbus-daemon dbus-broker"
    " polkitd rsyslogd chronyd ntpd snapd unshare nsenter mount umount findmnt python3 rootlesskit"
    " slirp4netns fuse-overlayfs lxcfs".split()
)
FSTYPES = frozenset(
    "9p afs aufs autofs bcachefs binder binfmt_misc bpf btrfs ceph cgroup cgroup2 cifs configfs cramfs"
    " debugfs"
    " devpts devtmpfs ecryptfs efivarfs erofs exfat ext2 ext3 ext4 f2fs fuse fuse.gvfsd-fuse fuse.lxcfs"
    " fuse.fuse-overlayfs fuse.portal fuse.snapfuse fuse.sshfs fuseblk fusectl gfs2 glusterfs hugetlbfs"
    " iso9660"
    " jfs lustre mqueue nfs nfs4 nfsd nilfs2 none nsfs ntfs ntfs3 nullfs ocfs2 overlay proc pstore ramfs"
    " resctrl"
    " rootfs rpc_pipefs securityfs selinuxfs shm smb3 squashfs sunrpc sysfs tmpfs tracefs udf udev vfat"
    " virtiofs"
    " xenfs xfs zfs cpuset".split()
)
"""Types of filesystems; as sources they tell nothing either."""
SOURCES = FSTYPES | frozenset("gvfsd-fuse portal lxcfs systemd-1 cgmfs hugetlb udev tmpfs root".split())
OPTIONS = frozenset(
    "rw ro sync dirsync mand lazytime seclabel discard nodiscard resv_strict errors remount-ro continue panic"
    " data ordered writeback journal barrier nobarrier delalloc nodelalloc acl noacl user_xattr quota noquota"
    " usrquota grpquota prjquota attr2 inode32 inode64 logbufs logbsize sunit swidth noalign stripe"
    " norecovery"
    " commit nouuid size nr_inodes nr_blocks mode uid gid ptmxmode gid newinstance huge never always"
    " within_size advise noswap nsdelegate memory_recursiveprot memory_localevents memory_hugetlb_accounting"
    " favordynmods name release_agent xattr clone_children noprefix hidepid subset pid pids invisible"
    " ptraceable"
    " lowerdir upperdir workdir lowerdir+ redirect_dir index metacopy nfs_export xino on off follow nofollow"
    " volatile userxattr uuid verity auto null default_permissions allow_other allow_root user_id group_id"
    " max_read blksize rootcontext context fscontext defcontext fd pgrp timeout minproto maxproto direct"
    " indirect offset pipe_ino vers proto tcp tcp6 udp rsize wsize namlen hard soft softreval nolock"
    " lock nconnect"
    " retrans timeo sec sys krb5 krb5i krb5p clientaddr addr mountaddr mountvers mountport mountproto port"
    " local_lock none all trans access cache mmap loose virtio rdma version msize posixacl compress"
    " compress-force zlib lzo zstd ssd nossd space_cache v2 subvol subvolid autodefrag relatime fmask"
    " dmask umask"
    " codepage iocharset utf8 shortname mixed ascii iso8859-1 pagesize cpu cpuacct cpuset memory devices"
    " freezer blkio net_cls net_prio perf_event hugetlb rdma misc systemd freeze dir_umask file_umask"
    " nosuid nodev noexec noatime nodiratime nosymfollow idmapped errors threads single multi"
    " delegate_cmds delegate_maps delegate_progs delegate_attachs any".split()
)
"""Words of the options of filesystems, names as well as values."""
NUMBERS = frozenset(
    "size nr_inodes nr_blocks mode uid gid ptmxmode logbufs logbsize sunit swidth stripe commit user_id"
    " group_id"
    " max_read blksize fd pgrp timeout minproto maxproto hidepid vers rsize wsize namlen nconnect"
    " retrans timeo"
    " version msize subvolid fmask dmask umask codepage pagesize resuid resgid stripe"
    " inode_readahead_blks".split()
)
"""Options whose value may stay when it is a number."""
NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?[kKmMgGtT%]?")

DEVICE = re.compile(
    r"(sd[a-z]{1,3}|vd[a-z]{1,2}|xvd[a-z]{1,2}|hd[a-z])[0-9]{0,3}|nvme[0-9]{1,2}n[0-9]{1,2}(p[0-9]{1,3})?"
    r"|mmcblk[0-9](p[0-9]{1,2})?|(loop|dm-|md|sr|zram|ram|nbd|pmem)[0-9]{1,3}|cpu[0-9]{1,3}"
)
NAMESPACE_FILE = re.compile(r"(mnt|net|ipc|user|uts|pid|cgroup|time|pid_for_children):\[[0-9]+\]")
KERNEL_THREAD = re.compile(
    r"(kworker|ksoftirqd|migration|cpuhp|rcu\w*|watchdog|irq|kswapd|jbd2|scsi_\w+|khugepaged|kcompactd"
    r"|kblockd|ksmd|oom_reaper|writeback|idle_inject|loop|md)\b.*"
)
