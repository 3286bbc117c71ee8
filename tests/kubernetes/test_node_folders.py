"""What a kubelet makes on its node before the first pod, and in volumes on which others are mounted."""

from __future__ import annotations

import pytest

from mountlab.kernel.backend import KernelBackend
from tests.kubernetes.played import differences, lines, played, pod, sandbox
from tests.kubernetes.test_explain_rules import explained

__all__ = ["sandbox"]

PLUGIN = pod(
    "driver",
    """
    - name: driver
      image: nginx
      securityContext: {privileged: true}
      volumeMounts:
      - {name: pods, mountPath: /var/lib/kubelet/pods, mountPropagation: Bidirectional}
      - {name: plugins, mountPath: /csi}
      - {name: registry, mountPath: /registration}
    """,
    """
    - {name: pods, hostPath: {path: /var/lib/kubelet/pods, type: Directory}}
    - {name: plugins, hostPath: {path: /var/lib/kubelet/plugins, type: Directory}}
    - {name: registry, hostPath: {path: /var/lib/kubelet/plugins_registry, type: Directory}}
    """,
    kind="DaemonSet",
)
"""As drivers of CSI have it: the kubelet's own folders, which must be there."""
INSIDE = pod(
    "web",
    """
    - name: app
      image: nginx
      volumeMounts:
      - {name: conf, mountPath: /etc/app}
      - {name: parts, mountPath: /etc/app/parts}
      - {name: more, mountPath: /etc/app/parts/more}
    """,
    """
    - {name: conf, secret: {secretName: nothing, optional: true}}
    - {name: parts, emptyDir: {}}
    - {name: more, emptyDir: {}}
    """,
)
"""A mount inside a volume that is read-only for every container."""
NESTED = [INSIDE, *lines("kubectl get pods\nkubectl exec web -- findmnt -Rno TARGET /etc/app")]


def test_a_driver_finds_the_kubelets_folders() -> None:
    done = played(PLUGIN, *lines("kubectl get pods"))

    assert "1/1     Running" in done.out()
    assert not explained(PLUGIN.split("<<'Y'\n")[1].removesuffix("\nY")).is_refused


def test_in_a_node_that_is_a_container_a_driver_is_refused_as_in_life() -> None:
    """The text of k3s-io/k3s#1846 and of kubernetes-sigs/secrets-store-csi-driver#1017.

    The kubelet has bound its folder on itself and made that shared, but containerd looks at the mount below,
    which is listed first: the volume that docker gave the node.
    """
    done = played(PLUGIN, *lines("kubectl describe pod driver-1"), init="k3d")

    text = 'path "/var/lib/kubelet/pods" is mounted on "/var/lib/kubelet" but it is not a shared mount'
    assert text in done.out()


def test_a_volume_of_files_has_places_for_what_is_mounted_inside() -> None:
    done = played(*NESTED)

    assert "1/1     Running" in done.out(1)
    assert done.out(2).split() == ["/etc/app", "└─/etc/app/parts", "└─/etc/app/parts/more"]
    assert not explained(INSIDE.split("<<'Y'\n")[1].removesuffix("\nY")).is_refused


@pytest.mark.kernel
@pytest.mark.programs
def test_it_is_the_same_on_the_kernel(sandbox: KernelBackend) -> None:
    assert differences(sandbox, *NESTED) == []
