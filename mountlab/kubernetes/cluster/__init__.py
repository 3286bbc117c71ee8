"""A cluster of one node: what the API server keeps, and what the kubelet and containerd do for it."""
