"""Redaction leaves the structure and nothing of the names."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from mountlab.mountinfo import MountInfo, escape, parse_table
from mountlab.snapshot import Snapshot, limits, machine, take
from mountlab.snapshot.format import Entry, Namespace, Standing, View
from mountlab.snapshot.redact import redacted
from tests.snapshot.fake import write_process

SECRETS = """
    acme gehalt2024 nas7 10.1.2.3 geheim projekt-x lohnbuch acmefs zyx987 vg_acme lohnserver tenant42
    b4c8e1aa55 4fe91c2d7b hunter2 schlüssel secretsubvol acmeoption qwerty-7 gehaltsdaten
""".split()
TABLE = """\
27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/mapper/vg_acme-root rw,discard
30 27 0:40 / /var/lib/docker/overlay2/b4c8e1aa55/merged rw,relatime shared:5 - overlay overlay \
rw,lowerdir=/var/lib/docker/overlay2/l/4fe91c2d7b:/srv/acme,upperdir=/srv/geheim/diff,workdir=/srv/geheim/work
31 27 0:41 / /srv/acme/projekt-x rw,relatime - nfs4 nas7:/export/gehalt2024 rw,vers=4.2,addr=10.1.2.3,hard
32 27 254:0 /srv/acme/schlüssel /home/lohnbuch/x\\040gehaltsdaten rw,relatime - \
ext4 /dev/mapper/vg_acme-root rw,discard
33 27 0:42 / /mnt rw,relatime - fuse.acmefs acmefs#zyx987 rw,user_id=0,acmeoption,password=hunter2
34 27 0:43 /secretsubvol/acme//deleted /var/lib/kubelet/pods/tenant42/volumes/kubernetes.io~secret/zyx987 \
rw,relatime - btrfs /dev/sda1 rw,subvolid=256,subvol=/secretsubvol
35 27 0:4 net:[4026532456] /run/netns/lohnserver rw - nsfs nsfs rw
"""


def node(tmp_path: Path) -> Snapshot:
    rows = parse_table(TABLE)
    write_process(tmp_path, 1, "systemd", 1, rows, ["/", "/"])
    write_process(tmp_path, 812, "lohnserver", 1, rows, ["/", "/srv/acme/projekt-x/qwerty-7"])
    inner = [row._replace(mount_id=row.mount_id + 100, parent_id=row.parent_id + 100) for row in rows[:3]]
    write_process(tmp_path, 900, "acme", 2, inner, ["/srv/acme", "/srv/acme (deleted)"])
    return take(str(tmp_path))


def test_nothing_of_the_original_names_is_left(tmp_path: Path) -> None:
    plain = node(tmp_path)
    assert [secret for secret in SECRETS if secret not in repr(plain)] == []

    made = take(str(tmp_path), redact=True)

    assert [secret for secret in SECRETS if secret in made.dump() or secret in repr(made)] == []
    assert made == redacted(plain)


def test_well_known_names_and_numbers_stay(tmp_path: Path) -> None:
    text = redacted(node(tmp_path)).dump()

    for kept in (
        "/var/lib/docker/overlay2/", "/merged", "/var/lib/kubelet/pods/", "kubernetes.io~secret",
        "overlay overlay", "/dev/sda1", "net:[4026532456]", "/run/netns/", "systemd", "vers=4.2", "//deleted",
        "lowerdir=/var/lib/docker",
    ):  # fmt: skip
        assert kept in text, kept


def test_the_same_name_is_the_same_word_everywhere(tmp_path: Path) -> None:
    made = redacted(node(tmp_path))
    rows = made.table(made.namespaces[0].views[0])
    word = next(row for row in rows if row.fstype == "nfs4").mountpoint.split("/")[2]  # /srv/acme/projekt-x

    assert f":/srv/{word}," in next(row for row in rows if row.fstype == "overlay").super_options
    assert made.namespaces[1].processes[0].name == word
    assert made.namespaces[1].views[0].name == word


def test_a_redacted_machine_has_the_same_tree(tmp_path: Path) -> None:
    plain, hidden = node(tmp_path), redacted(node(tmp_path / "again"))

    shapes = []
    for snapshot in (plain, hidden):
        vfs = machine(snapshot).sim.vfs
        shapes.append([row._replace(source="") for row in vfs.mounts.values()])

    assert shapes[0] == shapes[1]
    assert len(limits(plain)) == len(limits(hidden))


NAMES = st.text(st.characters(min_codepoint=33, exclude_characters="/\\ \n\t"), min_size=4, max_size=9)


@settings(max_examples=60)
@given(st.lists(NAMES.map(lambda name: "Zq" + name), min_size=4, max_size=4, unique=True))
def test_no_name_leaks_wherever_it_stands(names: list[str]) -> None:
    path, source, option, process = names
    text = (
        f"0:40 /{escape(path)}//deleted /run/{escape(path)} rw,{process} - fuse.{escape(source, '#')}"
        f" {escape(source, '#')}:/{escape(path, '#')} rw,{option}={option},{option}"
    )
    view = View("x", 7, process, f"/{path}", None, (Entry(5, 1, 0),))
    standing = Standing(7, process, 0, f"/{path} (deleted)", None)
    snapshot = Snapshot("6.18", False, (text,), (), (Namespace(1, (view,), (standing,)),), (), (process,))

    made = redacted(snapshot)

    assert "Zq" not in repr(made)


def test_paths_keep_their_depth() -> None:
    rows = tuple(f"0:{n} / {path} rw - tmpfs t rw" for n, path in enumerate(("/", "/q", "/q/r", "/q/r/q")))
    made = redacted(Snapshot(None, False, rows, (), ()))

    paths = [row.split(" ")[2] for row in made.rows]

    assert paths == ["/", "/name-2", "/name-2/name-3", "/name-2/name-3/name-2"]  # name-1 is the source t


def test_a_row_is_still_a_row(tmp_path: Path) -> None:
    made = redacted(node(tmp_path))

    assert all(isinstance(row, MountInfo) for row in made.table(made.namespaces[0].views[0]))
    assert Snapshot.load(made.dump()) == made
