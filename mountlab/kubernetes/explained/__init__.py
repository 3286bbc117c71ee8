"""``mountlab explain pod.yaml``: from a line of a manifest to the system calls."""
