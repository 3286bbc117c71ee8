"""CSI: a driver mounts in its own namespace, is seen through Bidirectional, and its FUSE dies with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from mountlab.cli import main
from mountlab.kernel.backend import KernelBackend
from tests.kubernetes.csi_stories import DIES, REAL, driver
from tests.kubernetes.played import differences, lines, played, sandbox

__all__ = ["sandbox"]
_DEAD = "Transport endpoint is not connected"


@pytest.mark.kernel
@pytest.mark.programs
@pytest.mark.parametrize("name", REAL)
def test_the_sandbox_agrees_after_each_line(name: str, sandbox: KernelBackend) -> None:
    assert not differences(sandbox, *REAL[name])


def test_what_a_driver_mounts_comes_to_the_node_and_to_every_container() -> None:
    done = played(*REAL["a driver mounts"])

    assert done.out(3).splitlines()[2].split() == ["└─/data", "csi.example.com:plugin-1", "tmpfs", "private"]
    assert done.out(5) == "f\n"
    assert done.host() == ["/", *(each for each in done.host() if each.startswith("/run/"))]


def test_without_bidirectional_the_mount_stays_with_the_driver() -> None:
    done = played(*REAL["a driver that tells nobody"])

    assert "csi.example.com:plugin-1" in done.out(2)
    assert "csi.example.com:plugin-1" not in str(done[3].tables[0])
    assert done.out(3).splitlines()[2].endswith("/data"), "an empty directory of the node"


def test_a_volume_waits_for_its_driver_and_a_driver_needs_its_privilege() -> None:
    done = played(*REAL["no driver"])

    assert "ContainerCreating" in done.out(1)
    assert "driver name csi.example.com not found in the list of registered CSI drivers" in done.out(3)
    assert "rpc error: code = Internal desc = mount" in done.out(3)
    assert done.out(3).rstrip().endswith(": operation not permitted")


def test_a_class_provides_a_volume_as_soon_as_its_driver_is_there() -> None:
    done = played(*REAL["a class provides"])

    assert "persistentvolumeclaim/mine   Pending" in done.out(1)
    assert "created either by the external provisioner 'csi.example.com' or manually" in done.out(2)
    assert "persistentvolume/pvc-mine   2Gi" in done.out(4)
    assert "default/mine" in done.out(4)
    assert done.out() == "csi.example.com:plugin-1\n"


def test_a_pod_cannot_end_when_its_driver_has_gone_first() -> None:
    done = played(*REAL["the driver goes first"])

    assert done.status(3) == 1
    assert "Unmounter.TearDownAt failed to get CSI client" in done.out(4)
    assert done.err() == "No resources found in default namespace.\n"


def test_fuse_dies_with_its_plugin_and_stays_dead_without_republishing() -> None:
    done = played(*driver("juicefs"), *DIES)

    assert done.out(4) == "csi.example.com:plugin-1\n"
    assert _DEAD in done.err(5)
    assert _DEAD in done.err(6)
    assert done.status(7) == 0
    assert done.out(8).splitlines()[1].split()[:2] == ["kube-system", "plugin-2"]
    assert done.out(9) == ""


def test_a_new_mount_over_the_dead_one_heals_who_hears_of_it() -> None:
    done = played(*driver("juicefs", again=True), *DIES)

    assert done.out(4) == "csi.example.com:plugin-1\ncsi.example.com:plugin-2\n"
    assert done.status(5) == 0
    assert _DEAD in done.err(6)
    assert done.out(9) == ""


def test_a_new_container_does_not_start_on_a_dead_volume() -> None:
    pod = "host# kubectl apply -f - <<'Y'\n" + driver("juicefs")[1].rpartition("---\n")[2]
    done = played(
        *driver("juicefs"),
        *lines("kubectl delete pod plugin-1 -n kube-system"),
        pod.replace("name: app", "name: late").replace(
            "persistentVolumeClaim: {claimName: data}", f"hostPath: {{path: {_place()}}}"
        ),
        *lines("kubectl get events"),
    )

    assert f'failed to stat "{_place()}": stat {_place()}: transport endpoint is not connected' in done.out()


def test_programs_tell_that_nobody_serves_it_and_umount_helps() -> None:
    place = _place()
    done = played(
        *driver("juicefs"),
        *lines(f"""
            kubectl delete daemonset plugin -n kube-system
            ls {place.removesuffix("/mount")}
            ls -l {place.removesuffix("/mount")}
            cd {place}
            cat {place}/f
            rm -r {place}
            mkdir /b; mount --bind {place} /b
            umount {place}
            ls {place}
        """),
    )

    assert done.out(3) == "mount\n"
    assert done.out(4).splitlines()[1] == "d????????? ? ? ? ?            ? mount"
    assert [done.status(number) for number in range(3, 11)] == [0, 1, 1, 1, 1, 0, 0, 0]
    assert all(_DEAD in done.err(number) for number in range(4, 8))
    assert "/b" in done.host()


def _place() -> str:
    """Where the volume is on the node."""
    done = played(*driver("juicefs"), *lines("findmnt -n -o TARGET -t fuse.juicefs"))
    return done.out().strip()


def test_the_kernel_is_not_asked_for_what_needs_fuse(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "csi.mnt"
    file.write_text("\n".join(["#: init=systemd needs=fuse", *driver("juicefs"), ""]))

    assert main(["run", "--state", "none", str(file)]) == 0
    assert main(["run", "--backend", "kernel", str(file)]) != 0
    assert "needs fuse: not to be had with --backend kernel" in capsys.readouterr().err
