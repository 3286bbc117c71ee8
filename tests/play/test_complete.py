"""The Tab key: what it offers where."""

from __future__ import annotations

import pytest

from mountlab.play.complete import complete
from mountlab.play.session import Session


@pytest.fixture
def session(world: str) -> Session:
    session = Session(world=world)
    session.run("mkdir -p /apple/core '/a b' /.hidden && touch /apple/file")
    session.run("unshare --mount", "c1")
    session.run("mkdir /apple/tree && mount -t tmpfs t /apple/tree && mkdir /apple/tree/leaf", "c1")
    return session


def offered(session: Session, text: str, shell: str = "host") -> dict[str, None]:
    """The whole lines that Tab could make."""
    start, choices = complete(session.live.world.backend, shell, text)
    return dict.fromkeys(text[:start] + choice for choice in choices)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("mo", ["mount"]),
        ("true; um", ["true; umount"]),
        ("true&&um", ["true&&umount"]),
        ("mount --make-rsh", ["mount --make-rshared"]),
        ("cd /app", ["cd /apple/"]),
        ("ls /apple/", ["ls /apple/core/", "ls /apple/file", "ls /apple/tree/"]),
        ("ls /apple/core /apple/f", ["ls /apple/core /apple/file"]),
        ("echo x >/apple/f", ["echo x >/apple/file"]),
        ("ls '/a ", [r"ls /a\ b/"]),
        (r"ls /a\ ", [r"ls /a\ b/"]),
        ("ls /.h", ["ls /.hidden/"]),
        ("ls app", ["ls apple/"]),
        ("unshare --propagation s", ["unshare --propagation shared", "unshare --propagation slave"]),
        ("unshare --propagation=u", ["unshare --propagation=unchanged"]),
        ("nsenter --target ", ["nsenter --target c1", "nsenter --target host"]),
        ("mount -t tm", ["mount -t tmpfs"]),
        ("mount -o bind,re", ["mount -o bind,relatime", "mount -o bind,remount"]),
        ("findmnt -o +PROP", ["findmnt -o +PROPAGATION"]),
        ("ls /nothing/", []),
        ("dock", ["docker"]),
        ("systemc", ["systemctl"]),
        ("docker r", ["docker restart", "docker rm", "docker run"]),
        ("docker volume ", [f"docker volume {each}" for each in "create inspect list ls remove rm".split()]),
        ("docker run --privi", ["docker run --privileged"]),
        ("docker run -v /app", ["docker run -v /apple/"]),
        ("systemctl re", ["systemctl restart"]),
        ("systemctl restart do", ["systemctl restart docker.service"]),
        ("systemctl show -p MountF", ["systemctl show -p MountFlags"]),
        ("kubectl des", ["kubectl describe"]),
        ("kubectl delete --ig", ["kubectl delete --ignore-not-found"]),
        ("kubectl get daem", ["kubectl get daemonsets"]),
        ("kubectl apply -f /app", ["kubectl apply -f /apple/"]),
        ("frob --x", []),
    ],
)
def test_offers(session: Session, text: str, lines: list[str]) -> None:
    assert list(offered(session, text)) == lines


def test_paths_are_those_that_the_terminal_sees(session: Session) -> None:
    assert list(offered(session, "ls /apple/tree/", "c1")) == ["ls /apple/tree/leaf/"]
    assert list(offered(session, "ls /apple/tree/", "host")) == []
    session.run("cd /apple", "c1")
    assert list(offered(session, "ls tr", "c1")) == ["ls tree/"]


def test_running_containers_are_offered_by_name(session: Session) -> None:
    session.run("docker run -d --name web nginx; docker create --name not-yet nginx")

    assert list(offered(session, "docker exec ")) == ["docker exec web"]


def test_pods_are_offered_by_name_and_by_container(session: Session) -> None:
    pod = (
        "{apiVersion: v1, kind: Pod, metadata: {name: web}, spec: {containers: [{name: app, image: nginx}]}}"
    )
    session.run(f"docker run -d --name lone nginx; kubectl apply -f - <<'Y'\n{pod}\nY")

    assert list(offered(session, "kubectl exec ")) == ["kubectl exec web"]
    assert list(offered(session, "kubectl describe pod w")) == ["kubectl describe pod web"]
    assert list(offered(session, "kubectl logs web -c ")) == ["kubectl logs web -c app"]
    assert list(offered(session, "docker exec ")) == ["docker exec lone"]


def test_hidden_names_come_only_when_they_are_begun(session: Session) -> None:
    assert not [line for line in offered(session, "ls /") if "hidden" in line]


def test_a_terminal_that_is_not_open_has_no_paths(session: Session) -> None:
    assert list(offered(session, "ls /", "c9")) == []


def test_completion_leaves_no_trace(session: Session) -> None:
    before = session.state, len(session.live.entries), session.live.world.backend.tables()

    offered(session, "ls /apple/")

    assert (session.state, len(session.live.entries), session.live.world.backend.tables()) == before
