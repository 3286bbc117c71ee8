"""Snapshots: the mount tables of a whole machine in a file, and a simulated machine made of them.

snapshot = take()               # this machine's /proc, read only
node = machine(snapshot)        # a SimulatorBackend: its terminals are the namespaces
print(likely(node, 36))         # where mount 36 comes from, as far as the tables tell
"""

from mountlab.snapshot.format import Snapshot, SnapshotError
from mountlab.snapshot.machines import limits, machine
from mountlab.snapshot.origin import likely
from mountlab.snapshot.reader import load
from mountlab.snapshot.taker import take

__all__ = ["Snapshot", "SnapshotError", "likely", "limits", "load", "machine", "take"]
