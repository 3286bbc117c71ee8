"""User-mode Linux: a whole kernel as an ordinary process of the learner, for where nobody may mount.

    owner ── keeper ── linux.uml ┈ process 1 of the guest ── supervisor ── machine's process 1, shells
             (keeper.py)         (guest.py)                 (supervisor.py, the same as on the host's kernel)

Inside, the sandbox is the one of the host's kernel, word for word; only what lies between it and its owner
differs: a serial line instead of a socket, an initial file system in memory (image.py) instead of the host's
tree.  Around it stand the walls of landlock.py and, where they may be had, namespaces.
"""
