"""What is done to the real systemd and to the model alike: files written, programs run, tables read."""

from __future__ import annotations

ETC, RUN = "/etc/systemd/system", "/run/systemd/system"
DEMO, SOCKET = f"{ETC}/demo.service", f"{ETC}/demo.socket"


def unit(*settings: str, kind: str = "simple", install: str = "") -> str:
    lines = ["[Unit]", "Description=Demo", "DefaultDependencies=no", "[Service]", f"Type={kind}"]
    lines += ["ExecStart=/bin/sleep 1000", *settings]
    return "\n".join([*lines, *(["[Install]", f"WantedBy={install}"] if install else [])]) + "\n"


def dropin(*settings: str) -> str:
    return "\n".join(["[Service]", *settings]) + "\n"


def ctl(line: str) -> tuple[str, ...]:
    return ("systemctl", *line.split())


FLAGS = ctl("show demo -p MountFlags,NeedDaemonReload")
RELOAD, START, RESTART, STOP = map(ctl, ("daemon-reload", "start demo", "restart demo", "stop demo"))

# A step is ("write", path, text), ("remove", path) or ("systemctl", word, …).  The unit is demo.service.
SCENARIOS: dict[str, list[tuple[str, ...]]] = {
    "nothing of that name": [
        *(ctl(f"{verb} nothere") for verb in ("start", "stop", "restart", "try-restart", "is-active")),
        *(ctl(f"{verb} nothere") for verb in ("status", "cat", "enable", "disable", "edit", "is-enabled")),
        ctl("show nothere -p MountFlags,LoadState,ActiveState,PrivateMounts,FragmentPath"),
        ctl("start"),
        ctl("cat"),
        ctl("daemon-reload now"),
    ],
    "a unit's life": [
        ("write", DEMO, unit("MountFlags=slave")),
        *(ctl(line) for line in ("is-active demo", "status demo", "start demo", "is-active demo")),
        *(ctl(line) for line in ("status demo", "cat demo", "start demo.service", "is-enabled demo")),
        ctl("show -p MountFlags demo"),
        ctl("show --property=PrivateMounts,MountFlags demo"),
        ctl("show demo --value -p MountFlags"),
        ctl("show -P MountFlags demo"),
        *(ctl(line) for line in ("restart demo", "stop demo", "is-active demo", "status demo", "stop demo")),
        *(ctl(line) for line in ("try-restart demo", "is-active demo", "edit demo", "is-active -q demo")),
    ],
    "a changed file": [
        ("write", DEMO, unit()),
        START,
        FLAGS,
        ("write", DEMO, unit("MountFlags=slave")),
        FLAGS,
        *(ctl(line) for line in ("status demo", "cat demo", "start demo", "try-restart demo")),
        RESTART,
        FLAGS,
        RELOAD,
        FLAGS,
        RESTART,
        ctl("status demo"),
    ],
    "a unit that was stopped is read anew": [
        ("write", DEMO, unit()),
        START,
        ("write", DEMO, unit("MountFlags=private")),
        STOP,
        FLAGS,
        START,
        FLAGS,
    ],
    "a unit with a socket stays as it was read": [
        ("write", SOCKET, "[Unit]\nDefaultDependencies=no\n[Socket]\nListenStream=/run/demo.sock\n"),
        ("write", DEMO, "[Unit]\nRequires=demo.socket\n" + unit()),
        RELOAD,
        START,
        ("write", DEMO, "[Unit]\nRequires=demo.socket\n" + unit("MountFlags=private")),
        STOP,
        FLAGS,
        START,
        FLAGS,
        RESTART,
        FLAGS,
        STOP,
        RELOAD,
        START,
        FLAGS,
        STOP,
        STOP,
        ctl("status demo"),
    ],
    "an enabled unit stays too": [
        ("write", DEMO, unit(install="probe.target")),  # a target that is active
        ctl("enable demo"),
        START,
        ("write", DEMO, unit("MountFlags=slave", install="probe.target")),
        STOP,
        FLAGS,
        START,
        FLAGS,
        ctl("disable demo"),
        FLAGS,
    ],
    "a new drop-in directory is not noticed": [
        ("write", DEMO, unit()),
        START,
        ("write", f"{DEMO}.d/mount.conf", dropin("MountFlags=slave")),
        FLAGS,
        RESTART,
        ctl("cat demo"),
        ctl("status nothere"),
        FLAGS,
        RESTART,
        RELOAD,
        FLAGS,
        ctl("status demo"),
        ctl("cat demo"),
    ],
    "a new file in a drop-in directory is": [
        ("write", DEMO, unit()),
        ("write", f"{DEMO}.d/a.conf", dropin("PrivateTmp=yes")),
        START,
        ("write", f"{DEMO}.d/b.conf", dropin("MountFlags=slave")),
        FLAGS,
        RESTART,
        ("remove", f"{DEMO}.d/b.conf"),
        FLAGS,
        ("remove", f"{DEMO}.d/a.conf"),
        FLAGS,
        ctl("cat demo"),
        RESTART,
    ],
    "drop-ins in order": [
        ("write", DEMO, unit("MountFlags=private")),
        ("write", f"{RUN}/demo.service.d/a.conf", dropin("MountFlags=slave", "ReadOnlyPaths=/srv")),
        ("write", f"{RUN}/demo.service.d/c.conf", dropin("ReadOnlyPaths=/never")),
        ("write", f"{DEMO}.d/b.conf", dropin("ReadOnlyPaths=", "ReadOnlyPaths=-/opt")),
        ("write", f"{DEMO}.d/c.conf", dropin("MountFlags=")),
        ("write", f"{DEMO}.d/ignored.txt", dropin("PrivateMounts=yes")),
        ("write", f"{ETC}/service.d/bb.conf", dropin("ReadOnlyPaths=/home")),
        RELOAD,
        START,
        ctl("show demo -p MountFlags,ReadOnlyPaths,DropInPaths,PrivateMounts"),
        ctl("cat demo"),
        ctl("status demo"),
    ],
    "a deleted file": [
        ("write", DEMO, unit()),
        START,
        ("remove", DEMO),
        ctl("show demo -p LoadState,NeedDaemonReload"),
        RESTART,
        RELOAD,
        ctl("show demo -p LoadState,ActiveState,NeedDaemonReload"),
        *(ctl(line) for line in ("status demo", "restart demo", "cat demo", "stop demo", "stop demo")),
        START,
    ],
    "a namespace that cannot be": [
        ("write", DEMO, unit("BindPaths=/nope:/mnt", kind="notify")),
        *(ctl(line) for line in ("start demo", "is-active demo", "status demo", "restart demo", "stop demo")),
        ctl("is-active demo"),
    ],
    "units that are refused": [
        ("write", DEMO, "[Unit]\nDescription=Demo\n[Service]\nExecStartt=/bin/true\n"),
        *(ctl(line) for line in ("start demo", "status demo", "show demo -p LoadState", "stop demo")),
        ("write", DEMO, "[Unit\nDescription=Demo\n[Service]\nExecStart=/bin/true\n"),
        *(ctl(line) for line in ("start demo", "status demo", "show demo -p LoadState")),
        ("write", DEMO, unit("ExecStart=/bin/true")),
        START,
        ("write", DEMO, ""),
        *(ctl(line) for line in ("start demo", "status demo", "show demo -p LoadState")),
    ],
    "enabled and not": [
        ("write", DEMO, unit(install="multi-user.target")),
        *(ctl(line) for line in ("is-enabled demo", "enable demo", "status demo", "enable demo")),
        *(ctl(line) for line in ("is-enabled demo", "disable demo", "disable demo", "enable --now demo")),
        *(ctl(line) for line in ("is-active demo", "disable --now demo", "is-active demo")),
        ("write", DEMO, unit("MountFlags=slave")),
        *(ctl(line) for line in ("enable demo", "disable demo")),
    ],
    "enabling reloads": [
        ("write", DEMO, unit()),
        START,
        ("write", DEMO, unit("MountFlags=slave", install="multi-user.target")),
        FLAGS,
        ctl("enable demo"),
        FLAGS,
        ctl("disable demo"),
    ],
    "what a program that runs once leaves": [
        ("write", DEMO, unit("ExecStart=", "ExecStart=/bin/true", kind="oneshot")),
        *(ctl(line) for line in ("start demo", "is-active demo", "show demo -p ActiveState,SubState")),
        ("write", DEMO, unit("ExecStart=", "ExecStart=/bin/true", "RemainAfterExit=yes", kind="oneshot")),
        *(ctl(line) for line in ("start demo", "is-active demo", "show demo -p ActiveState,SubState")),
        ctl("status demo"),
    ],
    "values as show prints them": [
        (
            "write",
            DEMO,
            unit(
                "PrivateTmp=1", "ProtectHome=true", "ProtectSystem=on", "PrivateMounts=T",
                "ReadOnlyPaths=rel /a//b/ /c/../d", "ReadWritePaths=/w", "InaccessiblePaths=-/u +/v -+/w",
                "BindPaths=rel:/a /x:rel /usr:/mnt:bogus /usr:/mnt/:rbind", "BindPaths=/d:/e:norbind -/f",
                "BindReadOnlyPaths=/usr:/mnt/new", "TemporaryFileSystem=/q/:ro /r rel",
                'ReadOnlyPaths="/s t"', "MountFlags=SLAVE",
            ),
        ),
        ctl(
            "show demo -p MountFlags,PrivateTmp,PrivateMounts,ProtectHome,ProtectSystem,ReadOnlyPaths,"
            "ReadWritePaths,InaccessiblePaths,BindPaths,BindReadOnlyPaths,TemporaryFileSystem"
        ),
    ],
}  # fmt: skip

# What the journal says of each of these files, from `systemd-analyze verify`.
JOURNAL: dict[str, str] = {
    "syntax": (
        "A=1\n[Unit]\nDescription=w\nX-a=1\nBogus=2\n[Bogus]\nA=b\n[X-Foo]\nq=1\n[Service]\n"
        "  ExecStart = /bin/sleep \\\n# a comment in between\n  1000\nfoo\n=bar\nMountflags=slave\n"
        "MountFlags =  slave\n;x\nMountFlags=SLAVE\n"
    ),
    "values": dropin(
        'MountFlags="slave"', "MountFlags=slave # so", "MountFlags=rshared", "PrivateTmp=",
        "PrivateMounts=maybe", "ProtectHome=bogus", "ProtectHome=", "ProtectSystem=bogus",
        "ReadOnlyPaths=rel /a//b/ /c/../d", "BindPaths=rel:/a /x:rel /usr:/mnt:bogus /usr:/mnt/:rbind",
        "TemporaryFileSystem=/q/:ro /r rel", "ExecStart=", "ExecStart=/bin/sleep 5",
    ),
}  # fmt: skip

# The mount table of demo.service, on a machine with these mounts on an `/` that is shared.
MACHINE = (
    ("mkdir", "/srv"), ("mount", "/srv"), ("mkdir", "/srv/a"), ("mkdir", "/srv/a/b"), ("mount", "/srv/a/b"),
    ("mkdir", "/srv/c"), ("mkdir", "/home/u"), ("mount", "/home/u"),
)  # fmt: skip
NAMESPACES: tuple[tuple[str, ...], ...] = (
    (), ("MountFlags=shared",), ("MountFlags=rshared",), ("MountFlags=slave",), ("MountFlags=private",),
    ("PrivateMounts=yes",), ("PrivateMounts=yes", "MountFlags=shared"),
    ("PrivateMounts=yes", "MountFlags=slave"), ("PrivateMounts=yes", "MountFlags=private"),
    ("PrivateTmp=yes",), ("PrivateTmp=yes", "MountFlags=private"),
    ("ProtectHome=yes",), ("ProtectHome=read-only",), ("ProtectHome=tmpfs",), ("ProtectHome=no",),
    ("ProtectSystem=yes",), ("ProtectSystem=full",), ("ProtectSystem=strict",),
    ("ProtectSystem=strict", "ReadWritePaths=/srv", "ProtectHome=yes"),
    ("ReadOnlyPaths=/srv",), ("ReadOnlyPaths=/srv/a -/nope",),
    ("ReadOnlyPaths=/srv", "ReadWritePaths=/srv/a"),
    ("ReadOnlyPaths=/srv", "ReadOnlyPaths=/srv/a"), ("ReadOnlyPaths=/", "InaccessiblePaths=/home"),
    ("InaccessiblePaths=/srv/a",), ("InaccessiblePaths=/srv/a", "ReadOnlyPaths=/srv/a/b"),
    ("BindPaths=/srv/a:/mnt",), ("BindPaths=/srv/a:/mnt:norbind", "MountFlags=slave"),
    ("BindPaths=/srv/a:/mnt", "ReadOnlyPaths=/mnt"),
    ("BindPaths=/srv/a:/mnt/new/deep",),
    ("BindReadOnlyPaths=/srv/a:/mnt",), ("BindPaths=-/nope:/mnt",),
    ("TemporaryFileSystem=/srv:ro,nosuid",), ("TemporaryFileSystem=/srv", "BindPaths=/srv/a:/srv/x/y"),
)  # fmt: skip
