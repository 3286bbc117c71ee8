"""What runs in the browser's Python: one transcript, and then a look at what was loaded."""

import sys

sys.path.insert(0, "/source")
before = set(sys.modules)

import mountlab  # noqa: E402 - the path comes first
from mountlab.shell.runner import play  # noqa: E402
from mountlab.shell.simbackend import SimulatorBackend  # noqa: E402
from mountlab.shell.transcript import parse  # noqa: E402

TEXT = """#: init=systemd
a# mkdir /a
a# mount -t tmpfs x /a
b# unshare --mount --propagation slave
a# mkdir /a/b
a# mount -t tmpfs y /a/b
#? b: /a/b mounted propagation=slave
b# umount /a/b
#? a: /a/b mounted propagation=shared
"""
for step in play(parse(TEXT), SimulatorBackend("systemd")):
    assert not step.failed, step.checks
foreign = {name.partition(".")[0] for name in set(sys.modules) - before} - set(sys.stdlib_module_names)
assert foreign == {"mountlab"}, foreign
print("ran on", sys.platform, mountlab.__version__)
