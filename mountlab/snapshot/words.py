"""What the snapshot room says to people: every sentence in one place."""

from __future__ import annotations

# -- a file that cannot be used (load) ---------------------------------------------------------------

MAKE_ONE = "make one with: mountlab snapshot FILE"
CANNOT_READ = "cannot be read: {reason}"
IS_DIRECTORY = "this is a directory; a snapshot is a file"
TOO_LARGE = "too large for a snapshot: more than {limit} MiB"
NO_TEXT = "no snapshot: it holds bytes that are no text; " + MAKE_ONE
NO_JSON = "no snapshot: line {line}, column {column} is not JSON ({reason}); " + MAKE_ONE
NO_JSON_AT_ALL = "no snapshot: it is not JSON ({reason}); " + MAKE_ONE
LOOKS_LIKE_TABLE = (
    "no snapshot, but one process's mount table; a snapshot holds those of all namespaces; " + MAKE_ONE
)
NO_SNAPSHOT = 'no snapshot: it does not begin with "format": "{format}"; ' + MAKE_ONE
OTHER_VERSION = "a snapshot of version {found}; this mountlab reads version {known}"
LACKS = "{where}: the key {key} is missing"
WRONG_KIND = "{where}: {wanted} should stand there, not {found}"
NO_ROW = "{where}: there is no row {number}; there are {count}"
NO_VIEW = "{where}: there is no view {number}; there are {count}"
BAD_ROW = "{where}: {text} is no mountinfo line without ids and tags"
BAD_NAME = "{where}: {name} is no name for a terminal (letters, digits, - and _, a letter first)"
SAME_NAME = "{where}: another view is called {name} already"
TWICE = "{where}: mount {mount} is there twice"
SAME_PID = "{where}: process {pid} is there twice"
EMPTY = "it holds no mount namespace"
NO_VIEWS = "{where}: a namespace needs at least one view"
CIRCLE = "{where}: mounts {mounts} stand on each other in a circle"

# -- taking one ----------------------------------------------------------------------------------------

NO_PROC = "{proc} is no /proc: no process in it shows a mount table"
READING = "reading mount tables: {done} of {count} processes"
FOUND = "{namespaces}, {mounts}, {processes}"
UNREAD = "not read: {what} of {processes} ({reason})"
UNREAD_WHAT = {
    "mountinfo": "the mount table",
    "namespace": "the mount namespace's number",
    "root": "the root directory",
    "cwd": "the working directory",
}
TOLD_BY_IDS = "which of them share a namespace was told by their mount ids"
ROOT_SEES_MORE = "root sees more"
HELD_BY_FILE = (
    "namespace {inode} is held by a file that is mounted; no process in it shows its table, so it is left out"
)
STRANGE_LINE = "process {pid}: a line of its mount table was not understood and is left out: {line}"
WRITTEN = "{file}: {found}"
EXISTS = "{file} exists; --force overwrites it"
CANNOT_WRITE = "{file} cannot be written: {reason}"
HELP_REDACT = "replace names that are not well known (paths, sources, processes) by neutral words"
HELP_PROC = "a proc filesystem, or a copy of one (default: /proc)"
HELP_FORCE = "overwrite FILE"
NOT_REDACTED = "it holds paths, sources and process names as they are; --redact replaces them"

# -- what a machine made of a snapshot cannot know -----------------------------------------------------

LIMITS = (
    "which mounts are locked is not in the tables: all are taken for free",
    "user namespaces are not in the tables: every process is taken for root of the first one",
    "a mount that no process sees (all of its namespace's stand below another root) is not there",
    "what a table does not name is not there: make a directory (mkdir -p) before you mount on it",
    "whether a mount shows a directory or a file is told by its name",
    "the order inside a peer group is not in the tables: copies may be listed in another order",
)
OLDER_KERNEL = "Linux {version} is older than what is simulated: it behaves as {used} here"
NEWER_KERNEL = "Linux {version} is newer than what is simulated: it behaves as {used} here"
OUTSIDE = "peer group {group} is the master of mounts here, and no process shows a member of it"
NO_PARENT = "{shell}: mount {mount} stands on mount {parent}, which no table shows"
ELSEWHERE = (
    "{shell}: mount {mount} at {path} does not lie below its parent {parent}; the table changed while it was"
    " read; it stands on the mount around it"
)
BESIDE = "{shell}: mounts {mount} and {other} share one mountpoint; the later one is put on top"
RENUMBERED = "{shell}: mount {mount} is in another namespace too; it is number {new} here"
TWO_MASTERS = "peer group {group}: mount {mount} names another master than its peers; theirs is taken"
OWN_MASTER = "peer group {group} would be its own master's master; it is taken to have none"
NOT_PRIVATE = "mount {mount} is unbindable and not private; the kernel knows no such mount: taken as bindable"
OPTIONS_DIFFER = (
    "device {dev}: its mounts do not print the same filesystem options; those they share are kept"
)
SLASHED = "root {root}, a file of the kernel's own, is shown with a slash before it"
FLAG_UNKNOWN = "mount option {word} is not simulated; it is left out"

# -- where a mount that was there from the start comes from ---------------------------------------------

PLACE = "{shell}:{path} (mount {mount})"
AND_MORE = "{first} and {count} more"
AS_FAR = "As far as the tables tell, "
GONE = "There is no mount {mount} any more."
IN_GROUP = "It is in peer group {group} together with {others}: what is mounted below one appears below all."
ALONE_IN_GROUP = "It is shared (peer group {group}), and nobody else in the snapshot is in that group."
IS_SLAVE = (
    "It is a slave of peer group {group}, with {others}: what is mounted below those comes here, not back."
)
IS_SLAVE_OUTSIDE = (
    "It is a slave of peer group {group}, and no process of the snapshot shows a member of that group."
)
WITH_NAMESPACE = (
    AS_FAR + "it came when this namespace was copied from that of {shell}: it shows the same directory of the"
    " same filesystem as {other}, at the same path, as the roots of both namespaces do."
)
BY_PROPAGATION = (
    AS_FAR + "it was propagated: it shows the same directory of the same filesystem as {other}, at the same"
    " place of {parent_other}, which {relation} {parent}, the mount it stands on."
)
IS_PEER_OF, IS_MASTER_OF = "is a peer of", "is in the master group of"
BOUND = (
    AS_FAR + "it was bound from {other} or copied from it: both show {root} of the same filesystem, and they"
    " {relation}."
)
PEERS, LISTENS = "are peers", "are master and slave"
SAME_DIRECTORY = "The same directory of the same filesystem is shown by {others}, without any tie to it."
HAS_SLAVES = "To its peer group listens {others}: what is mounted below it appears there, not the reverse."
PART_OF = AS_FAR + "it is a bind mount: it shows {root} of a filesystem that {other} shows from {above} on."
PART = AS_FAR + "it is a bind mount, or a named part of a filesystem: it shows {root}, not /."
ON_SHARED = (
    "It stands on {parent}, which is in peer group {group}{others}: what is mounted or unmounted beside it"
    " there happens everywhere in the group, and on those who listen to it."
)
ON_SHARED_WITH = " with {others}"
ON_PRIVATE = "It stands on {parent}, which is {propagation}: what is mounted beside it there stays there."
ON_SLAVE = (
    "It stands on {parent}, a slave of peer group {group}: mounts in that group come to it, its own do not go"
    " there."
)
NOTHING = (
    "The tables do not tell where it came from: it is {propagation}, and no other mount shows the same"
    " directory of its filesystem."
)
