"""Questions about containers: answers go down to the runtime's calls, and the cure is docker's option."""

from __future__ import annotations

from mountlab.explain.why import why, whynot
from mountlab.shell.start import simulated
from mountlab.shell.transcript import parse

TWO_CONTAINERS = """\
#: init=systemd
host# mkdir -p /data/disk
a# docker run -it --name log --privileged -v /data:/mnt busybox sh
b# docker run -it --name other --mount type=bind,source=/data,target=/mnt busybox sh
a# mount -t tmpfs disk /mnt/disk
"""


def test_the_cure_for_two_containers_is_a_propagation_for_each_of_them() -> None:
    answer = whynot(simulated(parse(TWO_CONTAINERS)), "b", "/mnt/disk")
    assert answer.cure is not None
    assert answer.cure.transcript == TWO_CONTAINERS.replace("/data:/mnt", "/data:/mnt:rshared").replace(
        "target=/mnt ", "target=/mnt,bind-propagation=rslave "
    )


def test_a_mode_that_is_there_stays_beside_the_propagation() -> None:
    text = "host# mkdir -p /data/disk\na# docker run -it --name c -v /data:/mnt:ro busybox sh\n"
    machine = simulated(parse(f"#: init=systemd\n{text}host# mount -t tmpfs disk /data/disk\n"))

    answer = whynot(machine, "a", "/mnt/disk")

    assert answer.cure is not None
    assert "-v /data:/mnt:ro,rslave busybox" in answer.cure.transcript


def test_where_a_containers_root_comes_from_ends_at_the_overlay_that_docker_mounted() -> None:
    told = " ".join(link.text for link in why(simulated(parse(TWO_CONTAINERS)), "a", "/").links)
    assert "mounted overlay on host:/var/lib/docker/overlay2/log/merged" in told
    assert "exchanged the roots" in told


def test_no_other_machine_is_proposed_to_a_machine_with_docker_of_2016() -> None:
    text = TWO_CONTAINERS.replace("init=systemd", "init=docker-1.10")
    answer = whynot(simulated(parse(text)), "b", "/mnt/disk", cures=1)
    assert answer.cure is None
