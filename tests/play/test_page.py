"""The playground in a browser: typed in, undone, reloaded, without its kernel, in narrow places."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest

pytest.importorskip("playwright.sync_api", reason="playwright is missing: make test-setup")

from playwright.sync_api import Browser, expect

from mountlab.play import Playground
from mountlab.play.session import Session
from tests.browser.chromium import Visit, keep, launched, violations
from tests.play.bridge import Bridge

pytestmark = pytest.mark.browser
Open = Callable[..., Bridge]
TREE = ("mkdir /a /b", "mount -t tmpfs disk1 /a", "mount --make-shared /a", "mount --bind /a /b")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as started:
        yield started


@pytest.fixture
def opened(browser: Browser) -> Iterator[Open]:
    """A page for a playground; at the end no script has failed."""
    visits: list[Visit] = []
    errors: list[str] = []

    def open_page(playground: Playground | None = None, theme: str = "light", **options: object) -> Bridge:
        visits.append(Visit(browser, **options))
        page = visits[-1].page
        page.on("pageerror", lambda error: errors.append(str(error)))
        return Bridge(page, playground or Playground(), theme)

    yield open_page
    for each in visits:
        each.context.close()
    assert not errors


def test_what_is_typed_is_run_and_the_picture_follows(opened: Open) -> None:
    bridge = opened()
    bridge.draw()

    bridge.type(*TREE, "umount /tmp", "muont /a")

    log = bridge.log()
    assert "host# umount /tmp\numount: /tmp: not mounted.\n[exit 32, EINVAL]\n" in log
    assert "host# muont /a\nnot run: muont: this program is not understood" in log
    expect(bridge.page.locator(".mlstep .box")).to_have_count(3)
    expect(bridge.page.locator(".mlp .status:visible")).to_have_text("exit 32")
    assert bridge.playground.transcript.endswith("host# mount --bind /a /b\nhost# umount /tmp\n")


def test_undo_redo_and_reset_by_their_buttons(opened: Open) -> None:
    bridge = opened()
    bridge.draw()
    bridge.type(*TREE)
    page = bridge.page

    page.get_by_role("button", name="Redo").click(force=True)  # there is nothing: it says and does nothing
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".notice")).to_have_text("Taken back: host# mount --bind /a /b")
    expect(page.locator(".mlstep .box")).to_have_count(2)
    page.get_by_role("button", name="Redo").click()
    expect(page.locator(".mlstep .box")).to_have_count(3)
    page.get_by_role("button", name="Reset").click()
    expect(page.locator(".mlstep .box")).to_have_count(1)
    assert "mount" not in bridge.log()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".mlstep .box")).to_have_count(3)


def test_terminals_are_tabs_that_open_and_close(opened: Open) -> None:
    bridge = opened()
    bridge.draw()
    page = bridge.page

    page.get_by_role("button", name="New terminal").click()
    page.get_by_label("Name of the new terminal").press("Enter")
    expect(page.get_by_label("Command for c1")).to_be_focused()
    bridge.type("unshare --mount", terminal="c1")

    expect(page.get_by_role("tab")).to_have_text(["host", "c1"])
    page.get_by_role("tab", name="c1").press("ArrowLeft")
    expect(page.get_by_role("tab", name="host")).to_have_attribute("aria-selected", "true")
    expect(page.locator(".mlstep .column")).to_have_count(2)
    page.get_by_role("tab", name="host").press("End")
    page.get_by_role("button", name="Close c1").click()
    expect(page.get_by_role("tab")).to_have_text(["host"])
    assert bridge.playground.transcript.endswith("c1# unshare --mount\nc1# exit\n")


def test_keys_of_the_prompt(opened: Open) -> None:
    bridge = opened()
    bridge.draw()
    bridge.type("mkdir /apple /apricot", "ls /")
    page = bridge.page
    prompt = page.get_by_label("Command for host")

    prompt.press("ArrowUp")
    prompt.press("ArrowUp")
    expect(prompt).to_have_value("mkdir /apple /apricot")
    prompt.press("ArrowDown")
    prompt.press("ArrowDown")
    expect(prompt).to_have_value("")

    prompt.press_sequentially("moun")
    prompt.press("Tab")
    expect(prompt).to_have_value("mount ")
    prompt.press_sequentially("--bind /a")
    prompt.press("Tab")
    expect(prompt).to_have_value("mount --bind /ap")
    expect(page.locator(".offers:visible")).to_contain_text("apple/")
    prompt.press_sequentially("pl")
    prompt.press("Tab")
    expect(prompt).to_have_value("mount --bind /apple/")

    prompt.press("Escape")
    prompt.press("Tab")
    expect(prompt).not_to_be_focused()
    prompt.press("Control+c")
    expect(prompt).to_have_value("")
    prompt.press("Tab")
    expect(prompt).not_to_be_focused()


def test_the_first_press_of_tab_offers_the_way_to_the_command_line(opened: Open) -> None:
    bridge = opened()
    bridge.draw()
    page = bridge.page
    expect(page.get_by_label("Command for host")).to_be_editable()

    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="To the command line")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Command for host")).to_be_focused()

    bridge.draw(linked=False)
    expect(page.get_by_text("Run the cell again")).to_be_visible()
    expect(page.get_by_role("button", name="To the command line")).to_have_count(0)


def test_a_here_document_and_pasted_lines(opened: Open) -> None:
    bridge = opened()
    bridge.draw()

    bridge.type("cat > /f <<EOF")
    expect(bridge.page.locator(".line:visible .mark")).to_have_text(">")
    bridge.type("one", "EOF", "cat /f")
    assert bridge.log().endswith("host# cat /f\none\n")

    paste = """(field, text) => {
      const data = new DataTransfer();
      data.setData("text/plain", text);
      const how = { clipboardData: data, bubbles: true, cancelable: true };
      field.dispatchEvent(new ClipboardEvent("paste", how));
    }"""
    bridge.page.get_by_label("Command for host").evaluate(paste, "host# mkdir /p\nc2# ls -d /p\n")
    expect(bridge.page.get_by_role("tab")).to_have_text(["host", "c2"])
    assert "/p" in bridge.log("c2")


def test_a_slow_kernel_loses_no_key(opened: Open) -> None:
    bridge = opened()
    bridge.draw()
    slow = "() => { const ask = window.python; let free; window.free = () => free();"
    slow += " const gate = new Promise((done) => { free = done; });"
    slow += " window.python = async (message) => { await gate; return ask(message); }; }"
    bridge.page.evaluate(slow)
    prompt = bridge.page.get_by_label("Command for host")

    for line in ("mkdir /x", "cat > /x/f <<EOF", "typed ahead", "EOF", "cat /x/f"):
        prompt.fill(line)
        prompt.press("Enter")
    expect(bridge.page.locator(".notice")).to_have_text("waiting …")
    assert "mkdir /x" in bridge.log()
    bridge.page.evaluate("() => window.free()")

    expect(bridge.page.locator(".notice")).to_have_text("")
    bridge.page.wait_for_function("() => !document.querySelector('.mlp .pending')")
    assert bridge.log().endswith("host# cat /x/f\ntyped ahead\n")


def test_a_reloaded_page_has_everything(opened: Open) -> None:
    bridge = opened()
    saved = bridge.playground.data()
    bridge.draw(saved)
    bridge.type(*TREE)

    bridge.page.reload()
    bridge.draw(saved)

    expect(bridge.page.locator(".mlstep .box")).to_have_count(3)
    assert "host# mount --bind /a /b" in bridge.log()
    prompt = bridge.page.get_by_label("Command for host")
    prompt.press("ArrowUp")
    expect(prompt).to_have_value("mount --bind /a /b")


def test_without_a_kernel_the_picture_steps_and_the_transcript_is_there(opened: Open) -> None:
    bridge = opened()
    bridge.playground.run("\n".join(TREE))
    bridge.draw(linked=False)
    page = bridge.page

    expect(page.get_by_text("Run the cell again: it goes on where you were.")).to_be_visible()
    expect(page.get_by_label("Command for host")).to_be_hidden()
    expect(page.locator(".mlstep .box")).to_have_count(3)
    page.get_by_role("button", name="Back").click()
    expect(page.locator(".mlstep .box")).to_have_count(2)
    page.get_by_role("button", name="Copy the transcript").click()
    expect(page.get_by_label("Transcript (mountlab run")).to_have_value(bridge.playground.transcript)
    assert bridge.heard == []


def test_a_fresh_kernel_goes_on_where_the_page_was(opened: Open) -> None:
    bridge = opened()
    at_first = bridge.playground.data()
    bridge.token = "first"  # noqa: S105 - names a run of Python
    bridge.draw(at_first)
    bridge.type(*TREE)
    transcript = bridge.playground.transcript

    # The kernel is restarted: the same output is drawn again, and nobody answers.
    bridge.draw(at_first, linked=False)
    expect(bridge.page.locator(".mlstep .box")).to_have_count(3)

    # The cell is run again: another object, with the number that the first one had.
    fresh = Playground()
    fresh.id = bridge.playground.id
    bridge.playground, bridge.token = fresh, "second"
    bridge.draw()

    expect(bridge.page.locator(".notice")).to_have_text(re.compile("Went on where you were: 4 lines"))
    assert fresh.transcript == transcript
    expect(bridge.page.locator(".mlstep .box")).to_have_count(3)


def test_the_same_kernel_gives_a_cell_that_is_run_again_a_new_machine(opened: Open) -> None:
    bridge = opened()
    bridge.draw()
    bridge.type(*TREE)

    bridge.playground = Playground()
    bridge.draw()

    expect(bridge.page.locator(".mlstep .box")).to_have_count(1)
    assert bridge.playground.session.turn == 0


def test_another_kernels_playground_that_began_otherwise_is_left_alone(opened: Open) -> None:
    bridge = opened()
    bridge.token = "first"  # noqa: S105 - names a run of Python
    bridge.draw()
    bridge.type(*TREE)

    other = Playground("systemd")
    other.id = bridge.playground.id
    bridge.playground, bridge.token = other, "second"
    bridge.draw()

    expect(bridge.page.locator(".mlstep .box")).to_have_count(1)
    assert other.session.turn == 0


def test_export_import_and_share(opened: Open) -> None:
    bridge = opened()
    bridge.draw()
    bridge.type(*TREE)
    page = bridge.page

    page.get_by_role("button", name="Export").click()
    expect(page.get_by_label("Transcript (mountlab run")).to_have_value(bridge.playground.transcript)
    share = page.get_by_label("Share string").first.input_value()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download .mnt").click()
    assert download.value.path().read_text() == bridge.playground.transcript

    page.get_by_role("button", name="Reset").click()
    page.get_by_role("button", name="Import").click()
    into = page.get_by_label("Transcript or share string")
    into.fill("host# true\nhost# muont")
    page.get_by_role("button", name="Run it on a fresh machine").click()
    expect(page.locator(".notice")).to_contain_text("playground:2:7: muont: this program is not understood")
    into.fill(share)
    page.get_by_role("button", name="Run it on a fresh machine").click()
    expect(page.locator(".mlstep .box")).to_have_count(3)


def test_python_and_page_see_the_same(opened: Open) -> None:
    bridge = opened()
    bridge.draw()
    bridge.playground.run("mkdir /from-python")

    bridge.type("ls -d /from-python")

    assert bridge.log().endswith("host# mkdir /from-python\nhost# ls -d /from-python\n/from-python\n")


def test_strange_data_is_only_text(opened: Open) -> None:
    bridge = opened()
    data = bridge.playground.data()
    evil = "<img src=x onerror='window.evil=1'>"
    line = {"shell": "host", "kind": "command", "exit": 1}
    data["log"].append(line | dict.fromkeys(("text", "stdout", "stderr", "errno"), evil))
    data |= {"shells": ["host", evil], "share": evil, "transcript": evil}
    bridge.draw(data, linked=False)
    expect(bridge.page.get_by_text("Run the cell again")).to_be_visible()
    images = "() => [window.evil, document.querySelectorAll('#out img').length]"
    assert bridge.page.evaluate(images) == [None, 0]

    for broken in ({}, {"v": 2}, {"v": 1, "transcript": 3}):
        bridge.draw(broken)
        expect(bridge.page.get_by_text("This output holds no playground.")).to_be_visible()


def test_jupyter_does_not_get_the_keys_but_those_with_control(opened: Open) -> None:
    bridge = opened()
    bridge.draw()
    seen = """() => { window.marks = []; document.addEventListener("keydown", (event) => window.marks.push(
      [event.key, event.target.hasAttribute("data-lm-suppress-shortcuts")]), true); }"""
    bridge.page.evaluate(seen)
    prompt = bridge.page.get_by_label("Command for host")

    for key in ("j", "ArrowUp", "Control+s", "Shift+Enter"):
        prompt.press(key)

    marks = dict(bridge.page.evaluate("() => window.marks"))
    assert {key: marks[key] for key in ("j", "ArrowUp", "s", "Enter")} == {
        "j": True, "ArrowUp": True, "s": False, "Enter": False,
    }  # fmt: skip


def test_python_is_asked_why_nothing_is_at_an_empty_place(opened: Open) -> None:
    bridge = opened()
    bridge.draw()
    bridge.type("mkdir /a", "c1# unshare --mount")
    bridge.type("host# mount -t tmpfs disk /a", terminal="c1")
    page = bridge.page

    page.locator(".mlstep [data-slot]").click()
    page.get_by_role("button", name="Ask Python why nothing is at c1:/a").click()
    expect(page.get_by_label("Explanation")).to_contain_text("before step 2")
    page.locator(".mlstep [data-box]", has_text="disk").click()
    page.get_by_role("button", name="Ask Python why host:/a is here").click()
    expect(page.get_by_label("Explanation")).to_contain_text("Step 3 (host# mount -t tmpfs disk /a)")


def test_the_output_is_kept_when_one_turns_away_and_drawing_it_again_leaves_the_typing(opened: Open) -> None:
    bridge = opened()
    kept: list[int] = []
    bridge.playground.keep = lambda: kept.append(bridge.playground.session.turn)  # type: ignore[method-assign]
    bridge.draw()
    bridge.type("mkdir /a")
    page = bridge.page
    prompt = page.get_by_label("Command for host")
    prompt.fill("half a line")
    assert kept == []

    page.locator("#after").focus()
    page.wait_for_function("() => true")
    expect(prompt).not_to_be_focused()
    page.wait_for_timeout(600)
    assert kept == [1]

    prompt.focus()
    bridge.draw()
    expect(prompt).to_have_value("half a line")
    expect(prompt).to_be_focused()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1400, 400])
def test_axe_finds_nothing_and_the_page_stays_in_its_place(opened: Open, theme: str, width: int) -> None:
    bridge = opened(theme=theme, viewport={"width": width, "height": 900})
    bridge.draw()
    bridge.type(*TREE, "umount /tmp", "muont", "#? host: /a absent", "# a remark", "unshare --mount")
    bridge.page.get_by_role("button", name="Import").click()
    wide = bridge.page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, "nothing is wider than the page"
    keep(bridge.page, f"playground-{theme}-{width}")

    assert violations(bridge.page, "#out") == []
    bridge.page.get_by_role("button", name="Export").click()
    assert violations(bridge.page, "#out") == []
    bridge.draw(linked=False)
    assert violations(bridge.page, "#out") == []


@pytest.mark.kernel
def test_the_real_kernel_is_a_switch_away(opened: Open) -> None:
    bridge = opened()
    bridge.draw()
    bridge.type(*TREE)

    bridge.page.get_by_label("real kernel").check()

    expect(bridge.page.locator(".notice")).to_have_text("Everything was run again on the real kernel.")
    assert bridge.playground.session.state.world == "kernel"
    expect(bridge.page.locator(".mlstep .box")).to_have_count(3)
    bridge.playground.session.close()


def test_a_session_without_a_kernel_says_why(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOUNTLAB_KERNEL", "none")
    bridge = opened()
    bridge.draw()

    expect(bridge.page.get_by_label("real kernel")).to_be_disabled()
    expect(bridge.page.locator("fieldset.worlds")).to_have_attribute("title", re.compile("switched off"))


def test_old_work_is_still_there_to_type(opened: Open) -> None:
    """A session is no more than its transcript: what was given to `Playground` stands in its terminals."""
    bridge = opened(Playground(transcript=Session("c1# mkdir /given").share))
    bridge.draw()

    expect(bridge.page.get_by_role("tab")).to_have_text(["c1"])
    assert bridge.log("c1") == "c1# mkdir /given\n"
