"""Stories of pods: each is played on the simulator, and in the sandbox beside it."""

from __future__ import annotations

from tests.kubernetes.played import applied, lines, pod

_DATA = "- {name: data, hostPath: {path: /data}}"
_CACHE = "- {name: cache, emptyDir: {}}"
_PRIVILEGED = "securityContext: {privileged: true}"


def watcher(mode: str, name: str = "app", pod_name: str = "web") -> str:
    """A pod that has /data with that propagation."""
    container = f"""
    - name: {name}
      image: nginx
      volumeMounts:
      - {{name: data, mountPath: /mnt, mountPropagation: {mode}}}
    """
    return pod(pod_name, container, _DATA)


_MOUNTER = f"""
- name: app
  image: busybox
  {_PRIVILEGED}
  command: [sh, -c, "mkdir -p /cache/in && mount -t tmpfs left /cache/in && sleep infinity"]
  volumeMounts:
  - {{name: cache, mountPath: /cache, mountPropagation: Bidirectional}}
"""
_PLAIN = "- {name: app, image: nginx}"
_HOOK = """lifecycle: {preStop: {exec: {command: [umount, /cache/in]}}}
  volumeMounts"""
_SUBS = """
- name: app
  image: nginx
  volumeMounts:
  - {name: cache, mountPath: /a, subPath: a/b}
  - {name: mem, mountPath: /m}
  - {name: conf, mountPath: /etc/conf}
"""

_FILES = """
apiVersion: v1
kind: ConfigMap
metadata: {name: conf}
data: {key: "value\\n", other: "2"}
---
apiVersion: v1
kind: Secret
metadata: {name: pass}
data: {word: aGlkZGVu}
stringData: {plain: open}
"""

STORIES: dict[str, list[str]] = {
    "plain pod": [
        *lines("mkdir -p /data/sub"),
        watcher("HostToContainer"),
        *lines("""
            kubectl get pods -A -o wide
            mount -t tmpfs new /data/sub
            kubectl exec web -- findmnt /mnt/sub
            kubectl describe pod web
            kubectl exec -it web -- sh
            findmnt -o TARGET,PROPAGATION
            kubectl get pods
            exit
            kubectl delete pod web
            kubectl get pods
        """),
    ],
    "None does not hear": [
        *lines("mkdir -p /data/sub"),
        watcher("None"),
        *lines("""
            mount -t tmpfs new /data/sub
            kubectl exec web -- findmnt /mnt/sub
        """),
    ],
    "two pods": [
        *lines("mkdir -p /data/sub"),
        watcher("HostToContainer"),
        watcher("Bidirectional", pod_name="second").replace(
            "image: nginx", f"image: nginx\n    {_PRIVILEGED}"
        ),
        *lines("""
            kubectl get pods
            kubectl exec second -- mount -t tmpfs mine /mnt/sub
            kubectl exec web -- findmnt /mnt/sub
            kubectl exec web -- mount -t tmpfs no /mnt/sub
            kubectl delete pod second
            findmnt /data/sub
        """),
    ],
    "left behind": [
        pod("web", _MOUNTER, _CACHE),
        *lines("""
            kubectl delete pod web
            kubectl get pods
            kubectl get events
            findmnt -rn -o TARGET -S left
        """),
    ],
    "volumes": [
        pod("web", _SUBS, """
            - {name: cache, emptyDir: {}}
            - {name: mem, emptyDir: {medium: Memory, sizeLimit: 8Mi}}
            - {name: conf, projected: {sources: []}}
        """),
        *lines("""
            kubectl get pods
            kubectl exec web -- findmnt -o TARGET,OPTIONS
            kubectl delete pod/web
            findmnt
        """),
    ],
    "files": [
        pod("web", """
            - name: app
              image: nginx
              volumeMounts:
              - {name: conf, mountPath: /etc/conf}
              - {name: conf, mountPath: /etc/one, subPath: key}
              - {name: pass, mountPath: /etc/pass}
            """, "- {name: conf, configMap: {name: conf}}\n- {name: pass, secret: {secretName: pass}}"),
        *lines("kubectl get pods"),
        applied(_FILES),
        *lines("""
            kubectl get pods
            kubectl get cm,secrets -o name
            kubectl exec web -- ls /etc/conf /etc/pass
            kubectl exec web -- cat /etc/one /etc/pass/word
            kubectl exec web -- touch /etc/conf/new
            kubectl describe pod web
            kubectl delete pod web
            findmnt
        """),
    ],
    "claims": [
        pod("web", "- {name: app, image: nginx, volumeMounts: [{name: d, mountPath: /d}]}",
            "- {name: d, persistentVolumeClaim: {claimName: mine}}"),
        applied("""
            apiVersion: v1
            kind: PersistentVolumeClaim
            metadata: {name: mine}
            spec:
              accessModes: [ReadWriteOnce]
              resources: {requests: {storage: 1Gi}}
              storageClassName: disk
        """),
        *lines("kubectl get pods,pvc\nkubectl describe pod web"),
        applied("""
            apiVersion: v1
            kind: PersistentVolume
            metadata: {name: one}
            spec:
              accessModes: [ReadWriteOnce]
              capacity: {storage: 1Gi}
              storageClassName: disk
              local: {path: /disk}
              nodeAffinity:
                required: {nodeSelectorTerms: [{matchExpressions: [{key: a, operator: Exists}]}]}
        """),
        *lines("""
            kubectl get pods
            mkdir /disk; mount -t tmpfs disk /disk; touch /disk/file
            kubectl get pv,pvc
            kubectl get pods -o wide
            kubectl exec web -- ls /d
            kubectl delete pod web
            findmnt -o TARGET
        """),
    ],
    "init": [
        pod("web", _PLAIN, "", more="""
            initContainers:
            - {name: first, image: busybox, command: [echo, one]}
            - {name: side, image: busybox, restartPolicy: Always, command: [sleep, infinity]}
            - {name: last, image: busybox, command: [sh, -c, "ls /ready"]}
        """),
        *lines("""
            kubectl get pods
            kubectl logs web -c first
            kubectl logs web
            kubectl describe pod web
            kubectl delete pod web
        """),
    ],
    "hooks": [
        pod("web", _MOUNTER.replace("volumeMounts", _HOOK), _CACHE),
        *lines("findmnt -n -o TARGET -S left\nkubectl delete pod web\nkubectl get pods"),
    ],
    "commands": [
        pod("web", """
            - {name: ends, image: busybox, command: [sh, -c, "echo done; exit 3"]}
            - {name: opaque, image: busybox, command: [sh, -c, "echo one; while true; do date; done"]}
            - {name: lone, image: busybox, command: [mount, -t, tmpfs, x, /mnt]}
        """),
        *lines("""
            kubectl get pods
            kubectl logs web -c ends
            kubectl logs web -c opaque
            kubectl logs web lone
            kubectl exec web -c ends -- ls
            kubectl exec web -c opaque -- sh -c "exit 3"
            kubectl describe pod web
        """),
    ],
    "not shared": [
        *lines("mkdir -p /data; mount --make-private /"),
        watcher("HostToContainer"),
        *lines("""
            kubectl get pods
            kubectl get events
            kubectl logs web
            kubectl exec web -- ls
            mount --make-shared /
            kubectl get pods
            kubectl delete pod web
        """),
    ],
    "controllers": [
        pod("agent", "- {name: app, image: nginx}", kind="DaemonSet"),
        pod("web", "- {name: app, image: nginx}", kind="Deployment"),
        pod("db", "- {name: app, image: nginx}", kind="StatefulSet"),
        pod("once", "- {name: app, image: busybox, command: [echo, hi]}", kind="Job",
            more="restartPolicy: Never"),
        *lines("""
            kubectl get pods
            kubectl logs once-1
            kubectl delete pod agent-1 db-0
            kubectl get pods
            kubectl get ds,deploy,sts,jobs
            kubectl delete daemonset agent
            kubectl get pods -o name
        """),
    ],
    "refused": [
        watcher("Bidirectional"),
        applied("kind: Namespace\napiVersion: v1\nmetadata:\n  name: safe\n"
                "  labels: {pod-security.kubernetes.io/enforce: baseline}"),
        watcher("None").replace("apply -f -", "apply -n safe -f -"),
        watcher("None").replace("apply -f -", "apply -n nowhere -f -"),
        applied("{a: b}"),
        *lines("""
            kubectl get pods -A
            kubectl get pod web
            kubectl delete pod web
            kubectl exec web -- ls
            kubectl logs web
            kubectl apply -f nothing.yaml
            kubectl exec web
            kubectl get
        """),
    ],
}  # fmt: skip

NODES: dict[str, list[str]] = {
    "k3d": [
        *lines("docker ps --format {{.Names}}"),
        watcher("Bidirectional").replace("image: nginx", f"image: nginx\n    {_PRIVILEGED}"),
        watcher("HostToContainer", pod_name="hears"),
        *lines("""
            kubectl get pods
            kubectl get events
            docker exec k3d-lab-server-0 mount --make-rshared /
            kubectl get pods
            docker exec k3d-lab-server-0 mkdir /data/sub
            docker exec k3d-lab-server-0 mount -t tmpfs x /data/sub
            kubectl exec hears -- findmnt /mnt/sub
            docker restart k3d-lab-server-0
            kubectl get pods
            docker rm -f k3d-lab-server-0
            kubectl get pods
        """),
    ],
    "wsl2": [
        *lines("mkdir -p /data"),
        watcher("HostToContainer"),
        *lines("kubectl get pods\nmount --make-rshared /\nkubectl get pods"),
    ],
    "bare": [
        pod("web", _MOUNTER, _CACHE),
        *lines("kubectl get pods\nfindmnt\nkubectl delete pod web"),
    ],
}
"""Machine -> what happens there."""
