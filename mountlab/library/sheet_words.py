"""Every sentence of the printed sheet, in one place."""

# ruff: noqa: E501 - one sentence, one line: the table is read as a table
from __future__ import annotations

MODELLED = "Linux 6.18, util-linux 2.38 · mountlab"
TYPES = (
    ("type", "mountinfo", "hears", "tells", "how it is made"),
    ("shared", "shared:1", "its peers: group 1", "its peers, and the slaves of group 1", "--make-shared"),
    ("slave", "master:1", "group 1", "nobody", "--make-slave, of a mount with peers"),
    (
        "shared and slave",
        "shared:2 master:1",
        "group 1, and its peers: group 2",
        "its peers, and the slaves of group 2",
        "--make-slave, then --make-shared",
    ),
    ("private", "no field", "nobody", "nobody", "--make-private; what unshare --mount does"),
    ("unbindable", "unbindable", "nobody", "nobody; and cannot be bound", "--make-unbindable"),
)
TOLD = "Handed on are a mount, a umount, and a move to somewhere below; not a remount, options, or a change of type. The tag propagate_from:N stands beside master:M when group M is out of the reader's sight: N is the nearest group above M that is in sight."
PEERS = "Peers (⇄): each hears the other. The copy is a peer of the new mount."
SLAVE = "A slave (←) hears its master group, and tells it nothing."
PRIVATE = "Private: deaf and silent. The directory is there, the mount is not."
PLACE = "The copy lands at the same directory of the filesystem, wherever that is shown."
LINE = "36 25 0:31 /site /srv/www ro,nosuid shared:7 master:2 - tmpfs disk rw"
FIELDS = (
    ("36 25", "number of the mount; of the one it sits on"),
    ("0:31", "which filesystem"),
    ("/site", "root: which directory of it is shown"),
    ("/srv/www", "where, as the reader sees it"),
    ("ro,nosuid", "options of this mount alone"),
    ("shared:7 master:2 -", "propagation, up to the dash; no field is private"),
    ("tmpfs disk rw", "type, source, options of the filesystem"),
)
COMMANDS = (
    ("findmnt -o TARGET,SOURCE,PROPAGATION", "what is mounted, and which type it has"),
    ("findmnt --task PID", "the same for another process; cat /proc/PID/mountinfo has every field"),
    ("readlink /proc/PID/ns/mnt", "which mount namespace; lsns -t mnt lists them all"),
    ("nsenter -t PID -m COMMAND", "run it in the namespace of that process"),
    ("mount --make-slave DIR", "also -shared, -private, -unbindable; --make-rslave: DIR and all below"),
    ("mount --bind A B", "one mount; --rbind A B: with all below; --move A B: the mount itself"),
    ("umount -R DIR", "with all below, from the lowest up; the peers lose theirs too"),
    ("unshare --mount --propagation slave", "a new namespace; without the option it is private"),
    ("mountlab why FILE --shell NAME --path P", "why a mount is there; with --not why it is not"),
    ("mountlab snapshot FILE", "on a broken machine: all its mount tables, to ask later"),
)
QUESTIONS = (
    (
        "Who looks?",
        "Compare readlink /proc/PID/ns/mnt of who mounted and of who misses it. The same namespace: go to 5.",
    ),
    (
        "Does the sender tell?",
        "In the sender's table find the mount that carries the missing one. It needs shared:N. A private one tells nobody.",
    ),
    (
        "Does the looker hear?",
        "In the looker's table find the mount at that place. It needs shared:N or master:N of that N, or a chain of masters that leads to it.",
    ),
    (
        "Was it there in time?",
        "A copy made by --bind, and a private namespace, have what was there at that moment. What came before, --rbind and unshare have copied; what came later has to be told.",
    ),
    (
        "Is it somewhere else, or covered?",
        "Copies go by the directory of the filesystem: compare the roots (field 4). Two lines with one mountpoint: the upper covers the lower.",
    ),
)
SHORT = {"shared and slave": "shared, slave", "invalid (EINVAL)": "EINVAL"}
"""Words of the truth tables, as far as the columns are too narrow for them."""
