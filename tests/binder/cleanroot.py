"""A clean Debian in a folder, where programs run as root or as somebody without any rights.

Each program gets a private mount namespace and a PID namespace of its own: what is mounted for it goes when
it ends, also when it is killed, and nothing is ever mounted where others see it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

SUITE = "bookworm"
MIRROR = "http://deb.debian.org/debian"
PREPARED = "MOUNTLAB_DEBIAN_ROOT"
"""Names a folder that debootstrap has filled before; a copy of it is used. It saves a minute and a half."""
HANDED_ON = {"PIP_INDEX_URL", "PIP_DEFAULT_TIMEOUT", "http_proxy", "https_proxy", "no_proxy"}
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
OURS = "etc/certificates-of-the-builder.crt"

# $1: the folder.  The rest: the program.  Its network is this machine's, which a builder needs for packages.
_ENTER = r"""
set -e
root=$1; shift
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=755 dev "$root/dev"
for device in null zero full random urandom tty; do
    : > "$root/dev/$device"; mount --bind "/dev/$device" "$root/dev/$device"
done
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
mount -t tmpfs -o mode=1777 shm "$root/dev/shm"
cat /etc/resolv.conf > "$root/etc/resolv.conf"
# Not a mere chroot: in one, the kernel lets nobody make a user namespace (user_namespaces(7), EPERM).
cd "$root"
mkdir -p .before
pivot_root . .before
umount -l .before
exec chroot . "$@"
"""


def why_not() -> str | None:
    """Why there can be no clean root here; None: there can."""
    if os.geteuid() != 0:
        return "only root can fill a folder with Debian and chroot into it"
    if os.environ.get(PREPARED) is None and shutil.which("debootstrap") is None:
        return "not installed: debootstrap (apt-get install debootstrap)"
    return None


def make(folder: Path) -> None:
    """Fill a folder with the smallest Debian 12."""
    _fill(folder)
    if CERTIFICATES.exists():
        # Behind a proxy with a certificate of its own, pip in there must know it, too.
        shutil.copyfile(CERTIFICATES, folder / OURS)


def _fill(folder: Path) -> None:
    prepared = os.environ.get(PREPARED)
    if prepared:
        subprocess.run(["cp", "-a", "--reflink=auto", prepared, str(folder)], check=True)
        return
    command = ["debootstrap", "--variant=minbase", SUITE, str(folder), MIRROR]
    # debootstrap mounts /proc for itself: in a namespace of its own, too.
    own = ["unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child"]
    subprocess.run([*own, *command], check=True, stdout=subprocess.DEVNULL)


def command(folder: Path, words: list[str], *, user: int = 0, cwd: str = "/") -> list[str]:
    """The words that start a program in there.

    Args:
        folder: the clean root.
        words: the program and its arguments.
        user: who runs it; anybody but root loses every capability for good, as in Binder's pods.
        cwd: where it starts.
    """
    unshare = ["unshare", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child=SIGKILL"]
    enter = [*unshare, "--", "sh", "-c", _ENTER, "enter", str(folder)]
    start = ["sh", "-c", 'cd "$0" && exec "$@"', cwd]
    if user == 0:
        return [*enter, *start, *words]
    nobody = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", "--no-new-privs"]
    return [*enter, *nobody, "--inh-caps=-all", "--bounding-set=-all", *start, *words]


def environment(**extra: str) -> dict[str, str]:
    """What a program in there finds in its environment: little, and how this machine reaches pip's index."""
    path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    handed_on = {name: value for name, value in os.environ.items() if name in HANDED_ON}
    if CERTIFICATES.exists():
        handed_on["PIP_CERT"] = f"/{OURS}"
    return {"PATH": path, "LC_ALL": "C.UTF-8", **handed_on, **extra}


def run(
    folder: Path, words: list[str], *, user: int = 0, cwd: str = "/", **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run a program in there to its end."""
    return subprocess.run(
        command(folder, words, user=user, cwd=cwd),
        env=environment(**variables),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
