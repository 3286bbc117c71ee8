"""The stepper in a browser: keys, words, animation, what it keeps and what it never does."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from mountlab.mountinfo import render
from mountlab.view import scene
from tests.browser.chromium import keep, violations
from tests.stepper.samples import (
    COPIES,
    FAILED,
    LESSON,
    MADE,
    Data,
    lesson,
    machine,
    spoiled,
    thousand,
    traced,
)

if TYPE_CHECKING:
    from tests.stepper.conftest import Opened

pytestmark = pytest.mark.browser
MOVING = {"reduced_motion": "no-preference"}
FRESH = {"reduced_motion": "reduce"}
PICTURE = """() => { const sorted = (_, names) => names.split(' ').sort().join(' ');
  return [...document.querySelectorAll('.canvas button, .canvas path, .head, .callout')]
    .map((each) => each.outerHTML.replace(/class="([^"]*)"/g, sorted)).sort(); }"""


RIGHT = ["ArrowRight"] * (len(list(scene.positions(lesson()))) - 1)
"""The keys from the start of the lesson to its end."""
PLACES = """() => [...document.querySelectorAll('[data-box]')]
    .map((box) => [box.dataset.box, box.offsetLeft, box.offsetTop])"""
THROUGH = """() => {
  const lines = document.querySelector('.lines'), view = lines.getBoundingClientRect();
  const scale = view.width / lines.viewBox.baseVal.width;
  const places = [...document.querySelectorAll('[data-box],[data-slot]')];
  const boxes = places.map((place) => place.getBoundingClientRect());
  const within = (x, y, r) => x > r.left + 1 && x < r.right - 1 && y > r.top + 1 && y < r.bottom - 1;
  return [...document.querySelectorAll('path[data-a]')].filter((path) => {
    for (let at = 0; at <= path.getTotalLength(); at += 0.2) {
      const p = path.getPointAtLength(at);
      const x = view.left + p.x * scale, y = view.top + p.y * scale;
      if (boxes.some((box) => within(x, y, box))) return true;
    }
    return false;
  }).map((path) => [path.dataset.a, path.dataset.b]); }"""


def pair() -> Data:
    titles = ["private", "shared"]
    worlds = [traced(LESSON.lstrip().replace("--make-shared", f"--make-{word}")) for word in titles]
    return {"v": 1, "pair": worlds, "titles": titles}


def compared() -> Data:
    data = lesson()
    same = {"ours": "/ root\n/a disk", "theirs": "/ root\n/a disk", "differs": None}
    data["kernel"] = [same for _ in data["commands"]]
    data["kernel"][COPIES] = {**same, "ours": "/ root\n/a one", "theirs": "/ root\n/a two"}
    data["kernel"][COPIES]["differs"] = "one is not two"
    return data


# Stepping


def test_arrows_step_by_event_and_by_command(stepper: Opened) -> None:
    data = lesson()
    view = stepper(data).focus()
    wanted = list(scene.positions(data))
    assert view.at == wanted[0]
    for position in wanted[1:9]:
        view.press("ArrowRight")
        assert view.at == position
    view.press("ArrowLeft")
    assert view.at == wanted[7]
    view.press("End")
    assert view.at == wanted[-1]
    view.press("ArrowUp", "ArrowUp")
    assert view.at == (len(data["commands"]) - 3, len(data["commands"][-3]["steps"]) - 1)
    view.press("ArrowDown")
    assert view.at[0] == len(data["commands"]) - 2
    view.press("Home", "ArrowLeft")
    assert view.at == (-1, 0)


def test_each_step_is_announced_in_its_sentence(stepper: Opened) -> None:
    data = lesson()
    steps = [step for command in data["commands"] for step in command["steps"]]
    said = "() => ['.say [aria-live=polite]', '.rule'].map((at) => document.querySelector(at).textContent)"
    found = stepper(data).walk(said, ["ArrowRight"] * len(steps))[1:]
    assert found == [[step["say"], step.get("rule", "")] for step in steps]


def test_by_commands_each_step_is_a_whole_command(stepper: Opened) -> None:
    data = lesson()
    view = stepper(data)
    view.page.get_by_role("button", name="commands", exact=True).click()
    for number, command in enumerate(data["commands"]):
        view.page.get_by_role("button", name="Forward").click()
        assert view.at == (number, len(command["steps"]) - 1)
        assert view.said == command["say"]


def test_the_page_is_told_of_every_position(stepper: Opened) -> None:
    view = stepper(lesson()).focus()
    view.press("ArrowRight", "ArrowRight", "ArrowLeft")
    told = view.page.evaluate("told.slice(-3)")
    assert told == [{"command": 0, "step": 0}, {"command": 1, "step": 0}, {"command": 0, "step": 0}]
    assert view.page.evaluate("s.position()") == {"command": 0, "step": 0}


def test_stepping_back_undoes_every_step(stepper: Opened) -> None:
    steps = len(RIGHT)
    seen = stepper(lesson()).walk(PICTURE, RIGHT + ["ArrowLeft"] * steps)
    assert seen[: steps + 1] == seen[: steps - 1 : -1]
    assert len({str(picture) for picture in seen}) > steps / 2


def test_the_command_its_error_and_its_status_are_shown(stepper: Opened) -> None:
    view = stepper(lesson(), {"command": FAILED})
    shown = view.page.locator(".prompt").inner_text()
    assert "c2#" in shown
    assert "mount --bind /nope /a" in shown
    assert "special device /nope does not exist" in shown
    assert "exit status 32" in shown
    assert view.page.locator(".tab.on").inner_text() == "c2"


def test_a_command_is_reached_from_the_list_and_a_moment_from_the_slider(stepper: Opened) -> None:
    view = stepper(lesson())
    view.page.get_by_text("All commands").click()
    view.page.get_by_role("button", name="unshare -m --propagation slave").click()
    assert view.at == (6, 2)
    view.page.get_by_role("slider").fill("2")
    assert view.at == (1, 0)
    view.page.get_by_role("slider").press("ArrowRight")
    assert view.at == (2, 0)


def test_play_goes_to_the_end_and_stops(stepper: Opened) -> None:
    data = lesson()
    view = stepper(data, **FRESH)
    view.page.clock.install(time=0)
    view.page.clock.pause_at(1000)
    view.page.evaluate("s.goto({command: 12, step: 0})")
    view.root.focus()
    view.press(" ")
    view.page.clock.run_for(1600)
    assert view.page.get_by_role("button", name="Pause").count() == 1
    assert view.at[0] >= 12
    view.page.clock.run_for(60_000)
    assert view.at == list(scene.positions(data))[-1]
    assert view.page.get_by_role("button", name="Play").count() == 1


def test_a_step_by_hand_stops_playing(stepper: Opened) -> None:
    view = stepper(lesson(), **FRESH)
    view.page.clock.install(time=0)
    view.page.clock.pause_at(1000)
    view.page.get_by_role("button", name="Play").click()
    view.root.focus()
    view.press("ArrowRight")
    view.page.clock.run_for(10_000)
    assert view.at == (0, 0)


def test_at_the_ends_buttons_say_so_and_keep_the_focus(stepper: Opened) -> None:
    view = stepper(lesson(2))
    button = view.page.get_by_role("button", name="Forward")
    for _ in range(4):
        button.press("Enter")
    assert button.get_attribute("aria-disabled") == "true"
    assert button.get_attribute("disabled") is None
    view.press("ArrowLeft")
    assert view.at == (0, 0)


def test_keys_are_kept_from_the_notebook_and_shortcuts_are_not(stepper: Opened) -> None:
    view = stepper(lesson(), {"command": COPIES})
    has = "() => document.activeElement.hasAttribute('data-lm-suppress-shortcuts')"
    for place in (view.root, view.box(1), view.page.get_by_role("button", name="Back")):
        place.focus()
        view.press("j")
        assert view.page.evaluate(has)
        view.press("Control+y")
        assert not view.page.evaluate(has)
        view.press("Shift+Enter")
        assert not view.page.evaluate(has)


def test_nothing_listens_after_the_end(stepper: Opened) -> None:
    view = stepper(lesson(2))
    view.page.evaluate("() => { window.old = document.querySelector('.mlstep'); s.destroy(); }")
    assert view.page.locator("#place > *").count() == 0
    view.page.evaluate("() => { document.body.append(old); old.focus(); }")
    view.press("ArrowRight", "j")
    assert view.page.evaluate("() => told.length") == 1
    view.page.evaluate("() => old.remove()")
    assert not view.page.evaluate("() => old.hasAttribute('data-lm-suppress-shortcuts')")


# The picture


def test_no_box_moves_over_the_whole_trace(stepper: Opened) -> None:
    at: dict[str, list[int]] = {}
    for places in stepper(lesson()).walk(PLACES, RIGHT):
        for number, *place in places:
            assert at.setdefault(number, place) == place
    assert len(at) == 26


def test_no_line_runs_through_a_box(stepper: Opened) -> None:
    view = stepper(lesson())
    lines = view.walk("() => document.querySelectorAll('path[data-a]').length", RIGHT)
    assert sum(lines) > 100
    view.goto(-1)
    assert not any(view.walk(THROUGH, RIGHT))


def test_a_stack_says_what_is_covered_and_what_is_hidden(stepper: Opened) -> None:
    view = stepper(lesson(), {"command": 99})
    boxes = view.page.locator("[data-box]").all_inner_texts()
    assert sum("covered" in text for text in boxes) == 5
    assert sum("hidden" in text for text in boxes) == 6


def test_propagation_is_told_in_text(stepper: Opened) -> None:
    view = stepper(lesson(), {"command": 11})
    names = {box.number: view.box(box.number).inner_text() for box in scene.fold(lesson(), 11).boxes}
    for box in scene.fold(lesson(), 11).boxes:
        assert (f"⇄ {box.shared}" in names[box.number]) == bool(box.shared)
        assert (f"← {box.master}" in names[box.number]) == bool(box.master)
        assert ("unbindable" in names[box.number]) == box.unbindable


ROOM = """host# mkdir /a
host# mount -t tmpfs disk /a
host# mount --make-shared /a
c1# unshare --mount
host# mkdir /a/x
host# mount -t tmpfs stick /a/x
"""
"""What is left out has nothing but an empty place below it."""


@pytest.mark.parametrize("has_room", [True, False])
def test_a_receiver_that_is_left_out_is_marked_with_the_reason(stepper: Opened, has_room: bool) -> None:
    data = traced(ROOM) if has_room else lesson()
    left_out = lambda at: data["commands"][at[0]]["steps"][at[1]]["act"]["kind"] == "skip"  # noqa: E731
    command, number = next(filter(left_out, list(scene.positions(data))[1:]))
    step = data["commands"][command]["steps"][number]
    view = stepper(data, {"command": command, "step": number})
    assert "✕" in view.box(step["act"]["box"]).inner_text()
    assert view.page.locator("[aria-live=polite]").first.inner_text() == step["say"]
    assert view.page.locator(".callout").all_inner_texts() == ([f"✕ {step['say']}"] if has_room else [])
    view.focus().press("ArrowLeft")
    assert view.page.locator(".callout").count() == 0


def test_a_reason_never_lies_over_another_mount(stepper: Opened) -> None:
    seen = stepper(lesson()).focus().walk(
        """() => { const over = (a, b) =>
            a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
          const boxes = [...document.querySelectorAll('[data-box]')].map((e) => e.closest('.item') ?? e);
          return [...document.querySelectorAll('.callout')].map((callout) => {
            const a = callout.getBoundingClientRect();
            return boxes.filter((e) => over(a, e.getBoundingClientRect())).length; }); }""",
        RIGHT,
    )

    assert any(seen), "there is room for one at least"
    assert not any(count for counts in seen for count in counts)


def test_a_copy_arrives_from_its_original(stepper: Opened) -> None:
    data = lesson()
    view = stepper(data, {"command": COPIES, "step": 1}, **MOVING).focus()
    act = data["commands"][COPIES]["steps"][2]["act"]
    at = "([a, b]) => [a, b].map((n) => document.querySelector(`[data-box='${n}']`)).map((e) => e.offsetLeft)"
    moves = """(n) => document.querySelector(`[data-box='${n}']`).getAnimations().map((a) =>
        [a.effect.getTiming().duration, a.effect.getKeyframes()[0].transform])"""
    view.press("ArrowRight")
    left, right = view.page.evaluate(at, [act["from"], act["box"]])
    [[duration, transform]] = view.page.evaluate(moves, act["box"])
    size = view.root.evaluate("(root) => parseFloat(getComputedStyle(root).fontSize)")
    assert duration <= 400
    assert float(re.findall(r"-?[\d.]+", transform)[0]) * size == pytest.approx(left - right, abs=1)
    view.press("ArrowRight")
    assert view.page.evaluate(moves, act["box"]) == []


def test_who_wants_no_motion_gets_none(stepper: Opened) -> None:
    view = stepper(lesson(), {"command": COPIES, "step": 1}).focus()
    view.press("ArrowRight")
    assert view.page.evaluate("() => document.getAnimations().length") == 0


# Asking


def test_tab_goes_through_mounts_and_empty_places_in_reading_order(stepper: Opened) -> None:
    view = stepper(lesson(), {"command": 99})
    view.focus()
    order: list[str] = []
    while not view.page.evaluate("() => document.activeElement.matches('.control')"):
        view.press("Tab")
        where = view.page.evaluate("() => ({...document.activeElement.dataset})")
        order += [where[key] for key in ("box", "slot") if key in where]
    now = scene.fold(lesson())
    places = [(box.column, box.row, -box.lane, str(box.number)) for box in now.boxes]
    places += [(column, row, 0, f"{column},{row}") for column, row in now.empty]
    assert order == [place[-1] for place in sorted(places)]


def test_a_mount_tells_its_line_of_mountinfo(stepper: Opened) -> None:
    view = stepper(lesson(), {"command": 99})
    lines = {render(row) for table in machine(LESSON.lstrip()).tables() for row in table.mounts}
    now = scene.fold(lesson())
    found = set()
    for box in now.boxes:
        view.box(box.number).dispatch_event("click")
        found.add(view.page.locator(".details .line").inner_text())
        words = view.page.locator(".details dt code").all_inner_texts()
        assert " ".join(words) == view.page.locator(".details .line").inner_text()
        assert all(view.page.locator(".details dd").all_inner_texts())
    assert found == lines


def test_a_mount_shows_its_peers_and_masters_in_the_picture(stepper: Opened) -> None:
    view = stepper(lesson(), {"command": COPIES})
    now = scene.fold(lesson(), COPIES)
    slave = next(box for box in now.boxes if box.master)
    view.box(slave.number).click()
    boxes = view.page.locator(".box.related")
    related = boxes.evaluate_all("(boxes) => boxes.map((box) => Number(box.dataset.box))")
    assert set(related) == {box.number for box in now.boxes if box.shared == slave.master}


def test_enter_keeps_the_details_over_steps_until_escape(stepper: Opened) -> None:
    view = stepper(lesson(), {"command": COPIES})
    view.box(1).focus()
    view.press("Enter")
    title = view.page.locator(".dtitle strong").inner_text()
    view.press("ArrowRight", "Tab", "Tab")
    assert view.page.locator(".dtitle strong").inner_text() == title
    view.press("Escape", "Tab")
    assert view.page.locator(".dtitle strong").inner_text() != title


def test_an_empty_place_tells_why(stepper: Opened) -> None:
    data = lesson()
    data["texts"], data["because"] = ["First obstacle.", "Second obstacle."], [None, None]
    data["commands"][0]["steps"][0]["d"] = {"empty": [[0, 3, [0, 1]]]}
    view = stepper(data, {"command": 0})
    view.page.get_by_role("button", name="not here").click()
    assert view.page.locator(".details li").all_inner_texts() == data["texts"]
    assert "Why is it not here?" in view.page.locator(".details").inner_text()


def test_the_focus_stays_in_the_stepper_when_its_mount_goes(stepper: Opened) -> None:
    view = stepper(lesson(), {"command": COPIES})
    view.box(9).focus()
    view.page.evaluate("s.goto({command: 12})")
    assert view.page.evaluate("() => document.activeElement.className") == "mlstep"


# Large, doubled, compared, growing


def test_a_folded_tree_opens_and_closes(stepper: Opened) -> None:
    data = thousand()
    data["closed"] = [0]
    view = stepper(data, {"command": 99})
    assert view.page.locator("[data-box]").count() == 10
    bar = view.page.locator("[data-fold]").first
    assert "104 mounts" in bar.inner_text()
    assert bar.get_attribute("aria-expanded") == "false"
    bar.press("Enter")
    assert view.page.locator("[data-box]").count() == 1050
    assert bar.get_attribute("aria-expanded") == "true"
    bar.press("Enter")
    assert view.page.locator("[data-box]").count() == 10


def test_two_worlds_step_together(stepper: Opened) -> None:
    data = pair()
    view = stepper(data, {"command": COPIES}, viewport={"width": 1280, "height": 1000})
    counts = [world.locator("[data-box]").count() for world in view.page.locator(".world").all()]
    assert counts == [len(scene.fold(each, COPIES).boxes) for each in data["pair"]]
    assert counts[0] < counts[1]
    assert view.page.locator(".half h4").all_inner_texts() == ["private", "shared"]
    keep(view.root, "stepper-two-worlds")


def test_simulator_and_kernel_are_compared_in_words(stepper: Opened) -> None:
    view = stepper(compared(), {"command": COPIES})
    assert "one is not two" in view.page.locator(".compare").inner_text()
    assert view.page.locator(".compare mark").all_inner_texts() == ["≠ /a one\n", "≠ /a two\n"]
    view.focus().press("ArrowRight")
    assert "No difference" in view.page.locator(".compare").inner_text()
    assert view.page.locator(".compare mark").count() == 0


def test_a_trace_that_grows_keeps_what_was_chosen_and_goes_to_its_end(stepper: Opened) -> None:
    view = stepper(lesson(5), {"command": 99})
    view.box(1).click()
    view.page.evaluate("(data) => s.update(data)", lesson(8))
    assert view.at[0] == 7
    assert "pinned" in view.page.locator(".dtitle").inner_text()
    view.page.evaluate("(data) => s.update(data)", lesson(3))
    assert view.at[0] == 2


# What it never does


def test_text_is_never_markup(stepper: Opened) -> None:
    bad = "<img src=x onerror=told.push('bad')>"

    def spoil(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: spoil(each) for key, each in value.items()}
        if isinstance(value, list):
            return [spoil(each) for each in value]
        return bad if isinstance(value, str) and value not in ("copy", "made", "skip", "gone") else value

    view = stepper({**spoil(lesson()), "tables": bad}, {"command": COPIES})
    view.box(1).click()
    assert view.page.locator("img").count() == 0
    assert view.page.evaluate("() => told.includes('bad')") is False


def test_no_data_breaks_the_page(stepper: Opened) -> None:
    view = stepper(None)
    assert "cannot be drawn" in view.page.get_by_role("alert").inner_text()
    walk = """(all) => all.map((data) => { const el = document.createElement('div'); document.body.append(el);
        const s = draw(el, data); for (let command = -1; command < 9; command += 4) s.goto({ command });
        const shown = el.textContent.length; s.update(data); s.destroy(); el.remove(); return shown; })"""
    assert min(view.page.evaluate(walk, [spoiled(seed) for seed in range(50)])) > 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_violation(stepper: Opened, scheme: str) -> None:
    view = stepper(compared(), {"command": COPIES, "step": 2}, color_scheme=scheme)
    view.page.locator("summary").first.click()
    view.box(1).click()
    assert violations(view.page, ".mlstep") == []
    keep(view.root, f"stepper-{scheme}")
    view.goto(99)
    view.press("Escape")
    assert violations(view.page, ".mlstep") == []


@pytest.mark.parametrize("width", [380, 640, 1400])
def test_only_the_picture_scrolls_sideways(stepper: Opened, width: int) -> None:
    view = stepper(lesson(), {"command": 99}, viewport={"width": width, "height": 900})
    view.box(1).click()
    assert view.page.evaluate("() => document.documentElement.scrollWidth") <= width
    keep(view.root, f"stepper-{width}")


TIMED = """() => { const root = document.querySelector('.mlstep'), times = [];
    for (const key of ['ArrowRight', 'ArrowLeft']) for (let i = 0; i < 20; i++) {
      const start = performance.now();
      root.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true })); root.getBoundingClientRect();
      times.push(performance.now() - start); }
    return times.sort((a, b) => a - b)[times.length >> 1]; }"""


@pytest.mark.alone
@pytest.mark.parametrize(("data", "most"), [(lesson, 16), (thousand, 100)])
def test_a_step_is_fast(stepper: Opened, data: Any, most: int) -> None:
    view = stepper(data())
    assert view.page.evaluate(TIMED) < most


def test_it_opens_where_the_data_says(stepper: Opened) -> None:
    data = lesson()
    data["at"] = {"command": COPIES, "step": 1}

    assert stepper(data).at == (COPIES, 1)


def test_a_step_tells_its_rule_with_the_source(stepper: Opened) -> None:
    view = stepper(lesson())
    view.goto(MADE)

    assert view.page.locator(".law > p:not(.ghosttext)").inner_text() == (
        "A new filesystem covers the mountpoint; what was there is hidden until it goes. "
        "(mount(2); do_new_mount)"
    )
