"""The part of ``make bench`` that looks at pictures: time and size of scenes, and of a step in a browser."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from mountlab.shell.simbackend import SimulatorBackend
from mountlab.view.display import machine_for
from mountlab.view.figure import png
from mountlab.view.frames import frames
from mountlab.view.scene import fold

MOUNTS = (10, 30, 100, 1000)
MILLI = 1e3
STEPPER = Path(__file__).resolve().parents[1] / "mountlab" / "view" / "stepper.js"

SLOWEST = "one step in the browser, slowest (ms)"
WANTED = {("30 mounts", SLOWEST): "under 16", ("1000 mounts", SLOWEST): "under 100"}

STEP_ALL = """
async ([source, data]) => {
  const url = URL.createObjectURL(new Blob([source], {type: "text/javascript"}));
  const {draw} = await import(url);
  const place = document.createElement("div");
  document.body.replaceChildren(place);
  let began = performance.now();
  const stepper = draw(place, data);
  place.getBoundingClientRect();
  const times = [performance.now() - began];
  for (let command = 0; command < data.commands.length; command++)
    for (let step = 0; step < data.commands[command].steps.length; step++) {
      began = performance.now();
      stepper.goto({command, step});
      place.getBoundingClientRect();
      times.push(performance.now() - began);
    }
  stepper.destroy();
  return times;
}
"""


def node(mounts: int) -> SimulatorBackend:
    """Two namespaces of about half that many mounts each, then a few commands with copies."""
    half = max(mounts // 2 - 2, 2)
    names = [f"/srv/{number // 20}/{number}" for number in range(half)]
    lines = ["host# mkdir -p /srv " + " ".join(names), "host# mount --bind /srv /srv"]
    lines += ["host# mount --make-shared /srv"]
    lines += [f"host# mount -t tmpfs disk{number % 7} {name}" for number, name in enumerate(names)]
    lines += ["c1# unshare --mount --propagation slave", "host# mkdir /srv/new"]
    lines += ["host# mount -t tmpfs stick /srv/new", "host# umount /srv/new", "c1# umount " + names[0]]
    return machine_for("\n".join(lines))


def measure() -> dict[str, dict[str, float]]:
    """For each size: milliseconds and kilobytes."""
    found: dict[str, dict[str, float]] = {}
    shown: dict[int, Any] = {}
    for mounts in MOUNTS:
        machine = node(mounts)
        last = len(machine.history)
        began = time.perf_counter()
        data = shown[mounts] = frames(machine, last - 5)
        built = time.perf_counter()
        scene = fold(data)
        folded = time.perf_counter()
        picture = png(scene)
        drawn = time.perf_counter()
        whole = json.dumps(data, separators=(",", ":"))
        found[f"{mounts} mounts"] = {
            "frames of 5 commands (ms)": (built - began) * MILLI,
            "one scene (ms)": (folded - built) * MILLI,
            "PNG (ms)": (drawn - folded) * MILLI,
            "frames (KB)": len(whole) / 1024,
            "PNG (KB)": len(picture) / 1024,
        }
    for figures, times in zip(found.values(), browser_steps(shown).values(), strict=False):
        figures["first drawing in the browser (ms)"] = times[0]
        figures["one step in the browser, median (ms)"] = statistics.median(times[1:])
        figures[SLOWEST] = max(times[1:])
    return found


def browser_steps(shown: Mapping[int, Any]) -> dict[int, list[float]]:
    """Milliseconds of the first drawing and of every step, layout included; nothing without a browser."""
    from tests.browser.chromium import launched  # noqa: PLC0415 - the rest of the table needs no browser

    try:
        with launched() as browser:
            page = browser.new_page(viewport={"width": 1200, "height": 900}, reduced_motion="reduce")
            page.goto("about:blank")
            source = STEPPER.read_text()
            return {mounts: page.evaluate(STEP_ALL, [source, data]) for mounts, data in shown.items()}
    except pytest.skip.Exception as reason:
        print(reason)
        return {}
