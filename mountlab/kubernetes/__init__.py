"""Kubernetes, from the manifest to a container's mounts: kubectl, API server, kubelet, CRI."""
