"""`mountlab.Playground`: what Python sees of it, what a page hears from it, and what is saved."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import pytest

import mountlab
from mountlab.play import PlayError, Playground, protocol, widget
from mountlab.play.protocol import Pages
from mountlab.snapshot import take

Message = dict[str, Any]
TREE = "mkdir /a /b\nmount -t tmpfs disk /a\nmount --make-shared /a\nmount --bind /a /b"


class Page:
    """The other end of a comm, with its own log of what it heard."""

    def __init__(self, playground: Playground) -> None:
        self.heard: list[Message] = []
        self.pages = playground._pages
        self.pages.join(self.hear)

    def hear(self, message: Message) -> None:
        self.heard.append(json.loads(json.dumps(message)))

    def ask(self, type: str, terminal: str = "", **more: object) -> Message:
        """Send a message; the answer is the last that is heard."""
        self.pages.receive(self.hear, {"type": type, "n": len(self.heard), "shell": terminal, **more})
        assert self.heard[-1]["type"] == "answer"
        return self.heard[-1]

    def states(self) -> list[Message]:
        return [message for message in self.heard if message["type"] == "state"]


def test_it_is_loaded_when_it_is_asked_for() -> None:
    program = "import sys, mountlab; a = 'mountlab.play' in sys.modules; mountlab.Playground; print(a)"

    assert subprocess.check_output([sys.executable, "-c", program], text=True) == "False\n"
    assert mountlab.Playground is Playground
    with pytest.raises(AttributeError, match="Plyground"):
        mountlab.Plyground  # noqa: B018


def test_python_runs_undoes_and_looks() -> None:
    playground = Playground()

    said = playground.run("umount /tmp")
    assert repr(said) == "host# umount /tmp\numount: /tmp: not mounted.\n[exit 32, EINVAL]"
    playground.run("c1# unshare --mount\nhost# mkdir /a")
    assert list(playground.machine.terminals) == ["host", "c1"]
    playground.undo()
    assert playground.transcript.endswith("host# umount /tmp\n")
    playground.redo()
    assert playground.transcript.endswith("host# mkdir /a\n")
    playground.reset()
    assert playground.transcript == "#: init=bare\nhost#\n"
    with pytest.raises(PlayError, match="muont"):
        playground.run("muont")


def test_a_transcript_may_be_text_a_share_string_or_a_file(tmp_path: Path) -> None:
    text = "#: init=systemd\nhost# mkdir /a\n"
    file = tmp_path / "a b.mnt"
    file.write_text(text)

    first = Playground(transcript=text)
    for given in (first.session.share, file, str(file), "host# mkdir /a"):
        assert Playground("systemd", transcript=given).transcript == text
    with pytest.raises(PlayError, match=r"nothing\.mnt"):
        Playground(transcript="nothing.mnt")
    with pytest.raises(PlayError, match=r"toaster.*bare, systemd"):
        Playground("toaster")
    with pytest.raises(PlayError, match=r"backend='qemu'.*sim and kernel"):
        Playground(backend="qemu")


@pytest.mark.kernel
def test_the_kernels_playground_has_a_picture_and_a_simulated_twin() -> None:
    if protocol.no_kernel():
        pytest.skip(str(protocol.no_kernel()))
    playground = Playground(backend="kernel")
    playground.run(TREE)

    frames = playground.data()["frames"]
    assert [row["path"] for row in frames["rows"]] == ["/", "/a", "/b"]
    assert len(frames["commands"]) == 4
    assert [row.mountpoint for row in playground.machine.tables()[0].mounts] == ["/", "/a", "/b"]
    playground.session.close()


def test_each_message_has_one_answer_and_each_change_one_state_before_it() -> None:
    playground = Playground()
    page, other = Page(playground), Page(playground)

    page.ask("hello")
    assert [message["type"] for message in page.heard] == ["state", "answer"]
    assert other.heard == [], "who only says hello changes nothing for the others"

    answer = page.ask("run", "c1", text="mkdir /a")
    assert answer == {"type": "answer", "n": 2}
    assert [message["type"] for message in page.heard[2:]] == ["state", "answer"]
    assert [message["type"] for message in other.heard] == ["state"]
    assert other.heard[0]["data"]["shells"] == ["host", "c1"]
    assert other.heard[0]["data"]["log"][-1] == {
        "shell": "c1", "kind": "command", "text": "mkdir /a",
    }  # fmt: skip

    assert "muont" in page.ask("run", "c1", text="muont")["error"]
    assert page.ask("run", "c1", text="cat <<E")["more"] is True
    assert len(page.states()) == 2, "nothing changed"


def test_the_page_can_do_everything() -> None:
    playground = Playground()
    page = Page(playground)

    page.ask("run", "host", text=TREE)
    page.ask("open", "c1")
    page.ask("close", "c1")
    assert playground.transcript.endswith("c1#\nc1# exit\n")
    page.ask("undo")
    assert playground.transcript.endswith("c1#\n")
    page.ask("redo")
    share = page.states()[-1]["data"]["share"]
    page.ask("reset")
    assert playground.transcript == "#: init=bare\nhost#\n"
    page.ask("import", text=share)
    assert playground.transcript.endswith("c1# exit\n")
    assert page.ask("complete", "host", text="ls /a") == {
        "type": "answer", "n": len(page.heard) - 1, "start": 3, "choices": ["/a/"],
    }  # fmt: skip


def test_undo_and_redo_say_how_far_they_reach() -> None:
    playground = Playground()
    page = Page(playground)
    page.ask("run", "host", text="true")
    page.ask("run", "host", text="true")
    page.ask("undo")

    data = page.states()[-1]["data"]
    assert (data["undo"], data["redo"], data["turn"]) == (1, 1, 3)


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ({"type": "dance"}, "not understood: dance"),
        ({}, "not understood"),
        ({"type": "run", "shell": "host"}, "not understood: run"),
        ({"type": "run", "shell": "host", "text": 3}, "not understood: run"),
        ({"type": "open", "shell": "no name"}, "no name"),
        ({"type": "world", "name": "moon"}, "moon"),
        ({"type": "import", "text": "nonsense"}, "nonsense"),
    ],
)
def test_a_message_that_is_not_understood_is_answered_with_a_sentence(message: Message, words: str) -> None:
    playground = Playground()
    heard: list[Message] = []

    playground._pages.receive(heard.append, message)

    (answer,) = heard
    assert words in answer["error"]
    assert playground.session.turn == 0


def test_a_restored_transcript_is_taken_by_a_playground_that_was_not_used() -> None:
    fresh, used = Page(Playground()), Page(Playground())
    used.ask("run", "host", text="true")

    for page in (fresh, used):
        page.ask("restore", text="host# mkdir /left")

    assert "mkdir /left" in fresh.states()[-1]["data"]["transcript"]
    assert "mkdir /left" not in used.states()[-1]["data"]["transcript"]


def test_why_is_answered_with_a_cure_that_was_tried() -> None:
    playground = Playground()
    page = Page(playground)
    page.ask("run", "host", text="host# mkdir /a\nc1# unshare --mount\nhost# mount -t tmpfs disk /a")

    why = page.ask("why", ns=1, view=None, path="/a")["text"]
    whynot = page.ask("whynot", ns=2, view=None, path="/a")["text"]

    assert "mount -t tmpfs disk /a" in why
    assert "private" in whynot
    assert "before step 2" in whynot, "the cure"
    assert "no terminal is in namespace 9" in page.ask("why", ns=9, view=None, path="/a")["error"]


def test_what_is_saved_is_the_same_in_every_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    def bundle() -> str:
        monkeypatch.setattr(widget, "_numbers", WeakKeyDictionary())
        playground = Playground(transcript=f"host# true\nhost# {TREE.splitlines()[0]}")
        return json.dumps(playground.bundle(), sort_keys=True)

    first = bundle()
    assert first == bundle()
    data = json.loads(first)
    assert set(data) == {"text/plain", "image/png", widget.MIME}
    assert data["text/plain"].startswith("playground 1\n")
    assert "0x" not in data["text/plain"]
    assert "token" not in data[widget.MIME]


def test_a_comm_finds_its_playground_or_is_closed() -> None:
    class Comm:
        def __init__(self) -> None:
            self.sent: list[Message] = []
            self.is_closed = False

        def send(self, message: Message) -> None:
            self.sent.append(message)

        def close(self) -> None:
            self.is_closed = True

        def on_msg(self, callback: object) -> None:
            self.on_message = callback

        def on_close(self, callback: object) -> None:
            self.on_end = callback

    def opening(id: str) -> Message:
        return {"content": {"data": {"id": id}}}

    playground, comm, stray = Playground(), Comm(), Comm()
    widget._meet(stray, opening("no such"))  # type: ignore[arg-type]
    widget._meet(comm, opening(playground.id))  # type: ignore[arg-type]

    assert stray.is_closed
    assert not comm.is_closed
    comm.on_message({"content": {"data": {"type": "hello", "n": 1}}})  # type: ignore[operator]
    assert [message["type"] for message in comm.sent] == ["state", "answer"]
    comm.on_end({})  # type: ignore[operator]
    playground.run("true")
    assert len(comm.sent) == 2, "a page that has gone hears nothing"


def test_old_playgrounds_are_forgotten() -> None:
    many = [Playground() for _ in range(widget.REMEMBERED + 1)]

    assert many[0].id not in widget._known
    assert many[-1].id in widget._known


def test_a_snapshot_is_played_on() -> None:
    playground = Playground(snapshot=take())
    shells = playground.data()["shells"]
    shell = shells[0]

    playground.run("mkdir -p /tmp/play && mount -t tmpfs disk /tmp/play", shell)
    assert any(row.mountpoint == "/tmp/play" for row in playground.machine.tables()[0].seen_by(shell))
    assert playground.transcript.startswith("#: init=snapshot\n")
    playground.undo()
    assert playground.data()["shells"] == shells
    with pytest.raises(PlayError, match="only be simulated"):
        playground.session.switch("kernel")
    with pytest.raises(PlayError, match="as the snapshot says"):
        playground.session.load("#: init=bare\nhost# true")
    with pytest.raises(PlayError):
        Playground(snapshot="{}")


def test_pages_that_are_not_there_cost_nothing() -> None:
    calls = 0

    class Counting:
        session = Playground().session

        def data(self) -> Message:
            nonlocal calls
            calls += 1
            return {}

    Pages(Counting()).tell()  # type: ignore[arg-type]

    assert calls == 0
