"""Stories of a CSI driver: a node plugin, a claim, and a pod whose containers hear of mounts or do not."""

from __future__ import annotations

from tests.kubernetes.played import applied, lines

_PLUGIN = """
apiVersion: storage.k8s.io/v1
kind: CSIDriver
metadata: {{name: {driver}}}
spec: {{requiresRepublish: {again}, attachRequired: false}}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {{name: plugin, namespace: kube-system}}
spec:
  selector: {{matchLabels: {{app: plugin}}}}
  template:
    metadata: {{labels: {{app: plugin}}}}
    spec:
      containers:
      - name: driver
        image: driver
        securityContext: {{privileged: {privileged}}}
        volumeMounts:
        - {{name: kubelet, mountPath: /var/lib/kubelet, mountPropagation: {mode}}}
        - {{name: socket, mountPath: /csi}}
      volumes:
      - {{name: kubelet, hostPath: {{path: /var/lib/kubelet}}}}
      - {{name: socket, hostPath: {{path: /var/lib/kubelet/plugins/{driver}/, type: DirectoryOrCreate}}}}
"""
_VOLUME = """
apiVersion: v1
kind: PersistentVolume
metadata: {{name: data}}
spec:
  accessModes: [ReadWriteMany]
  capacity: {{storage: 1Gi}}
  csi: {{driver: {driver}, volumeHandle: data, fsType: {fs_type}}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {{name: data}}
spec:
  accessModes: [ReadWriteMany]
  resources: {{requests: {{storage: 1Gi}}}}
  volumeName: data
  storageClassName: ""
---
apiVersion: v1
kind: Pod
metadata: {{name: app}}
spec:
  containers:
  - name: hears
    image: nginx
    volumeMounts: [{{name: d, mountPath: /data, mountPropagation: HostToContainer}}]
  - name: deaf
    image: nginx
    volumeMounts: [{{name: d, mountPath: /data}}]
  volumes: [{{name: d, persistentVolumeClaim: {{claimName: data}}}}]
"""


def driver(
    fs_type: str = "ext4", mode: str = "Bidirectional", again: bool = False, privileged: bool = True
) -> list[str]:
    """Two lines: the driver's plugin, and a pod with a volume of it."""
    facts = {
        "driver": "csi.example.com",
        "fs_type": fs_type,
        "mode": mode,
        "again": str(again).lower(),
        "privileged": str(privileged).lower(),
    }
    return [applied(_PLUGIN.format(**facts)), applied(_VOLUME.format(**facts))]


_CLASS = """
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: fast}
provisioner: csi.example.com
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: mine}
spec:
  accessModes: [ReadWriteMany]
  resources: {requests: {storage: 2Gi}}
  storageClassName: fast
---
apiVersion: v1
kind: Pod
metadata: {name: app}
spec:
  containers: [{name: c, image: nginx, volumeMounts: [{name: d, mountPath: /d}]}]
  volumes: [{name: d, persistentVolumeClaim: {claimName: mine}}]
"""

REAL: dict[str, list[str]] = {
    "a driver mounts": [
        *driver(),
        *lines("""
            kubectl get pods -A
            kubectl exec app -c deaf -- findmnt -o TARGET,SOURCE,FSTYPE,PROPAGATION
            kubectl exec app -c deaf -- touch /data/f
            kubectl exec app -c hears -- ls /data
            kubectl delete pod app
            findmnt -o TARGET
        """),
    ],
    "a driver that tells nobody": [
        *driver(mode="HostToContainer"),
        *lines("""
            kubectl exec -n kube-system plugin-1 -- findmnt -n -t tmpfs -o SOURCE
            kubectl exec app -c hears -- findmnt -o TARGET
        """),
    ],
    "no driver": [
        *driver()[1:],
        *lines("kubectl get pods"),
        *driver(mode="None", privileged=False)[:1],
        *lines("kubectl describe pod app"),
    ],
    "a class provides": [
        applied(_CLASS),
        *lines("kubectl get pvc,pods\nkubectl get events"),
        driver()[0],
        *lines("kubectl get pv,pvc\nkubectl get pods\nkubectl exec app -- findmnt -n -o SOURCE /d"),
    ],
    "the driver goes first": [
        *driver(),
        *lines("""
            kubectl delete daemonset plugin -n kube-system
            kubectl delete pod app
            kubectl get events
        """),
        driver()[0],
        *lines("kubectl get pods"),
    ],
}
"""What needs no FUSE, and so runs on the kernel, too."""
DIES = lines("""
    kubectl exec app -c deaf -- touch /data/f
    kubectl delete pod plugin-1 -n kube-system
    kubectl exec app -c hears -- findmnt -n -o SOURCE /data
    kubectl exec app -c hears -- ls /data
    kubectl exec app -c deaf -- ls /data
    kubectl delete pod app
    kubectl get pods -A
    findmnt -n -o TARGET -t fuse.juicefs
""")
"""A plugin is deleted and comes again: with FUSE all that it served is dead."""
