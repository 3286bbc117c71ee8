// A truth table on the page: each cell is a button, and plays its transcript in the stepper below.
//
// The data holds the pictures of all cells, so nothing here asks Python: it works in a notebook that nobody trusts,
// with a fresh kernel and with none. The data is not trusted: it is only ever text.

import { h, isObject, list, text } from "../view/dom.js";
import { draw as drawSteps } from "../view/stepper.js";

// ---- Words: everything a learner reads that is not in the data. ----
export const WORDS = {
  label: (title) => `Truth table: ${title}`, kind: "Truth table",
  how: "Click a cell and it plays below; or go there with the arrow keys, Home and End, and press Enter.",
  bad: "This output holds no table.",
};
// The stepper's signs: sends to peers, receives from a master, cannot be bound; and a command that was refused.
const SIGNS = [["shared", "⇄"], ["slave", "←"], ["unbindable", "⊘"]], REFUSED = "✕", NOW = "▶";
const VERSION = 1;

const cellOf = (data, [row, column]) => list(list(data.cells)[row])[column];
const isTable = (data) => isObject(data) && data.v === VERSION && list(data.cells).flat().some(isObject) && isObject(cellOf(data, list(data.at)));
let drawn = 0;

// A picture is kept as numbers of parts, one level down: cells have most of their commands in common.
function unpacked(packed, parts) {
  const again = (value) => (Array.isArray(value) ? value.map((n) => parts[n])
    : isObject(value) ? Object.fromEntries(Object.entries(value).map(([key, n]) => [key, parts[n]])) : value);
  return isObject(packed) ? Object.fromEntries(Object.entries(packed).map(([key, value]) => [key, again(value)])) : packed;
}

// ---- The table. One of its buttons is reached with Tab, the others from there with the arrow keys. ----
const KEYS = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };

function table(data, frames, { label, about, play }) {
  const buttons = list(data.cells).map((row, r) => list(row).map((cell, c) => (isObject(cell) ? button(cell, r, c) : null)));
  let now = null, reached = null;

  function button(cell, r, c) {
    const word = text(cell.word), isRefused = Boolean(list(frames[r][c]?.commands).at(-1)?.exit);
    const signs = isRefused ? REFUSED : SIGNS.filter(([name]) => word.split(" ").includes(name)).map(([, sign]) => sign).join("");
    return h("button", { type: "button", tabindex: -1, "aria-label": text(cell.name), class: isRefused ? "refused" : null, click: () => play(r, c), focus: () => reach(r, c) },
      h("span", { class: "now", "aria-hidden": "true" }, NOW), h("span", { class: "sign", "aria-hidden": "true" }, signs), h("span", {}, word));
  }
  function reach(r, c) {
    reached?.setAttribute("tabindex", -1);
    reached = buttons[r][c];
    reached.setAttribute("tabindex", 0);
  }
  // From a button to the next one in a direction: over empty places, and not beyond the edge.
  function next(r, c, [down, right]) {
    do { r += down; c += right; } while (buttons[r] && c >= 0 && c < buttons[r].length && !buttons[r][c]);
    return buttons[r]?.[c];
  }
  function move(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const r = buttons.findIndex((row) => row.includes(event.target.closest("button")));
    if (r < 0 || !(event.key in KEYS || event.key === "Home" || event.key === "End")) return;
    event.preventDefault();
    const there = buttons[r].filter(Boolean), c = buttons[r].indexOf(event.target.closest("button"));
    const to = event.key === "Home" ? there[0] : event.key === "End" ? there.at(-1) : next(r, c, KEYS[event.key]);
    to?.focus();
  }

  const head = h("tr", {}, h("th", { scope: "col", class: "corner" }, text(data.corner)), ...list(data.columns).map((name) => h("th", { scope: "col" }, text(name))));
  const rows = buttons.map((row, r) => h("tr", {}, h("th", { scope: "row" }, text(list(data.rows)[r])), ...row.map((each) => h("td", {}, each))));
  const el = h("table", { role: "grid", "aria-labelledby": label, "aria-describedby": about, keydown: move }, h("thead", {}, head), h("tbody", {}, ...rows));
  return {
    el,
    mark(r, c) {
      now?.removeAttribute("aria-current");
      now = buttons[r][c];
      now.setAttribute("aria-current", "true");
      reach(r, c);
    },
    focus: () => now.focus({ preventScroll: true }),
  };
}

// ---- All of it. ----
export function draw(el, data) {
  const destroyed = { destroy() { el.replaceChildren(); } };
  if (isObject(data) && data.above === true) return el.replaceChildren(), destroyed;  // the output above plays it
  if (!isTable(data)) return el.replaceChildren(h("p", { role: "alert" }, WORDS.bad)), destroyed;

  const id = `mlm${++drawn}`, parts = list(data.parts);
  const frames = list(data.cells).map((row) => list(row).map((cell) => (isObject(cell) ? unpacked(cell.frames, parts) : null)));
  const said = h("div", { class: "said", role: "status" }), place = h("div", { class: "steps" });
  const grid = table(data, frames, { label: `${id}t`, about: `${id}h`, play });
  const root = h("div", { class: "mlm", role: "group", "aria-label": WORDS.label(text(data.title)) },
    h("p", { class: "title" }, h("span", { class: "kind" }, WORDS.kind), " ", h("span", { id: `${id}t` }, text(data.title))),
    h("p", { class: "how", id: `${id}h` }, WORDS.how), h("div", { class: "scroll" }, grid.el), said, place);
  let steps = null;

  function show(r, c, options) {
    grid.mark(r, c);
    said.replaceChildren(...list(cellOf(data, [r, c]).said).map((line) => h("p", {}, text(line))));
    place.style.minHeight = `${place.offsetHeight}px`;  // the page must not jump while there is no picture
    steps?.destroy();
    steps = drawSteps(place, frames[r][c], { grain: "events", ...options });
    place.style.minHeight = "";
  }
  // The scene is set; what the table is about, the last command, plays.
  function play(r, c) {
    show(r, c, { position: { command: list(frames[r][c]?.commands).length - 2 } });
    grid.focus();
    place.querySelector("button.play")?.click();
  }

  el.replaceChildren(h("style", {}, STYLE), root);
  show(...data.at);
  // JupyterLab must not take our keys for its own; those with Ctrl, Alt or Meta stay its own, so that Ctrl+S saves.
  const capture = (event) => {
    if (!root.contains(event.target)) return;
    const theirs = event.ctrlKey || event.metaKey || event.altKey || (event.shiftKey && event.key === "Enter");
    event.target.toggleAttribute("data-lm-suppress-shortcuts", !theirs);
  };
  window.addEventListener("keydown", capture, true);
  return {
    destroy() {
      window.removeEventListener("keydown", capture, true);
      steps.destroy();
      el.replaceChildren();
    },
  };
}

// ---- Style: JupyterLab's colours where they are, quiet ones of our own elsewhere. ----
const DARK = `--bg: var(--jp-layout-color0, #14171b); --ink: var(--jp-ui-font-color0, #f0f2f4); --dim: #b3bac3; --rim: #4a525c; --mark: #7ab8ff; --bad: #ff9c8f; --card: #1d2227; --soft: #1b2b3d;`;
const STYLE = `
.mlm { --bg: var(--jp-layout-color0, #fff); --ink: var(--jp-ui-font-color0, #14171b); --dim: #525b65; --rim: #c4ccd4; --mark: #0b5cad; --bad: #b3261e; --card: #f5f7f9; --soft: #e3eefa;
  container-type: inline-size; color: var(--ink); background: var(--bg); border: 1px solid var(--rim); border-left: 4px solid var(--mark); border-radius: 6px; padding: 0.9em 1.2em 1em;
  font: var(--jp-ui-font-size1, 13px)/1.5 var(--jp-ui-font-family, system-ui, sans-serif); text-align: left; }
@media (prefers-color-scheme: dark) { :root:not(:has(body[data-jp-theme-light="true"])) .mlm { ${DARK} } }
body[data-jp-theme-light="false"] .mlm { ${DARK} }
.mlm > p, .mlm > .said p { margin: 0 0 0.35em; overflow-wrap: anywhere; }
.mlm > .title { font-size: 1.08em; font-weight: 650; } .mlm > .title .kind { color: var(--mark); } .mlm > .title .kind::after { content: " ·"; color: var(--dim); font-weight: 400; }
.mlm > .how { color: var(--dim); }
.mlm > .scroll { overflow-x: auto; scroll-padding-left: 8em; padding: 4px 4px 4px 0; margin: 0.3em -4px 0.3em 0; }
.mlm > .scroll table { border-collapse: collapse; margin: 0; font: inherit; color: inherit; }
.mlm > .scroll th, .mlm > .scroll td { border: 1px solid var(--rim); padding: 0; background: none; text-align: left; vertical-align: middle; }
.mlm > .scroll th { padding: 0.25em 0.6em; line-height: 1.3; background: var(--card); font-weight: 600; max-width: 14em; white-space: normal; } .mlm > .scroll th.corner { color: var(--dim); font-weight: 400; }
.mlm > .scroll td { height: 1px; }
.mlm > .scroll td button { box-sizing: border-box; position: relative; display: flex; gap: 0.4em; align-items: center; width: 100%; height: 100%; min-height: 2.1em; padding: 0.2em 0.5em 0.2em 1.3em; line-height: 1.3; border: 0; margin: 0; font: inherit; text-align: left; color: var(--ink); background: var(--bg); cursor: pointer; }
.mlm > .scroll td button:hover { background: var(--soft); }
.mlm > .scroll td .sign { color: var(--mark); font-weight: 700; flex: none; } .mlm > .scroll td .sign:empty { display: none; }
.mlm > .scroll td .refused { color: var(--bad); } .mlm > .scroll td .refused .sign { color: inherit; }
.mlm > .scroll td .now { display: none; position: absolute; left: 0.4em; font-size: 0.8em; color: var(--mark); } .mlm > .scroll td button[aria-current] { background: var(--soft); box-shadow: inset 0 0 0 2px var(--mark); } .mlm > .scroll td button[aria-current] .now { display: inline; }
.mlm > .scroll td button:focus-visible { outline: 3px solid var(--mark); outline-offset: 1px; z-index: 1; }
.mlm > .said { margin-top: 0.6em; } .mlm > .said p:first-child { font-weight: 650; }
.mlm > .steps { margin-top: 0.4em; border: 1px solid var(--rim); border-radius: 0.5em; overflow: hidden; }
@container (max-width: 40em) { .mlm > .scroll th { max-width: 7em; padding: 0.2em 0.4em; } .mlm > .scroll th[scope="row"] { position: sticky; left: 0; z-index: 2; box-shadow: 1px 0 var(--rim); } .mlm > .scroll td button { min-width: 7em; } }
@media (forced-colors: active) { .mlm > .scroll td button[aria-current] { outline: 2px solid Highlight; outline-offset: -2px; } }
`;
