// The playground's page: terminals beside the live picture of their machine.
//
// Python holds everything and says what has changed (see protocol.py); this file shows it, and sends what is typed.
// Without a kernel it still shows the last picture and the transcript. The data is not trusted: it is only ever text.

import { button, h, list, text } from "../view/dom.js";
import { draw as drawSteps, fold } from "../view/stepper.js";

// ---- Words: everything a learner reads that is not in the data. ----
export const WORDS = {
  title: (id) => `Playground ${id}`,
  terminals: "Terminals", picture: "Picture", skip: "To the command line",
  undo: "Undo", redo: "Redo", reset: "Reset", exporting: "Export", importing: "Import",
  resetTip: "Begin again as this playground began. Undo brings everything back.",
  world: "Machine", sim: "simulator", kernel: "real kernel", noKernel: (why) => `There is no real kernel here: ${why}`,
  open: "New terminal", openName: "Name of the new terminal", openGo: "Open", close: (shell) => `Close ${shell}`,
  badName: "A name begins with a letter or digit, and goes on with letters, digits, dot, - and _.",
  log: (shell) => `What was typed in ${shell}, and what came of it`, input: (shell) => `Command for ${shell}`,
  noTerminal: "No terminal is open. Open one with +.", onlySeen: (where) => `Here you only look. You type in ${where}.`,
  hint: "Tab completes · ↑ ↓ earlier commands · Esc, then Tab leaves the field",
  more: "The line goes on. Ctrl+C gives it up.",
  choices: (n) => `${n} possibilities:`, noChoice: "Nothing to complete here.", leaving: "Tab now leaves the field.",
  ended: (exit, errno) => `[exit ${exit}${errno ? `, ${errno}` : ""}]`, status: (exit) => `exit ${exit}`,
  holds: "✓ holds", fails: (why) => `✗ does not hold: ${why}`, opened: "terminal opened", refused: "not run: ",
  connecting: "Connecting to the kernel …", busy: "The kernel is busy. What you type waits until it is free.",
  waiting: "waiting …",
  gone: "No kernel holds this playground now. Run the cell again: it goes on where you were.",
  goneMore: "Until then you can step through the picture and take the transcript along.",
  restored: (n) => `Went on where you were: ${n} ${n === 1 ? "line" : "lines"} run again. Undo takes them back.`,
  undone: (line) => `Taken back${line && `: ${line}`}`, redone: (line) => `Done again${line && `: ${line}`}`, wasReset: () => "Begun again.", imported: "The transcript was run on a fresh machine.",
  switched: { sim: "Everything was run again on the simulator.", kernel: "Everything was run again on the real kernel." },
  transcript: "Transcript (mountlab run understands it)", share: "Share string (Import, or Playground(transcript=…), takes it)",
  copy: "Copy", copyAll: "Copy the transcript", copied: "Copied.", notCopied: "Select the text and copy it with Ctrl+C.", download: "Download .mnt",
  file: "playground.mnt", importText: "Transcript or share string", importFile: "From a file", importGo: "Run it on a fresh machine",
  fullWhy: (where) => `Ask Python why ${where} is here, as things stand now`,
  fullWhynot: (where) => `Ask Python why nothing is at ${where}, and what would have brought it there`,
  asking: "Asking …", explanation: "Explanation",
  bad: "This output holds no playground.",
};

const VERSION = 1, SLOW = 400, VERY_SLOW = 4000, RESUME = 4000, AWAY = 300;
const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/;

// ---- Small helpers. ----
// The children of a node, without taking out what stays: the field in which somebody types keeps its focus.
function arrange(node, wanted) {
  for (const child of [...node.children]) if (!wanted.includes(child)) child.remove();
  wanted.forEach((child, i) => { if (node.children[i] !== child) node.insertBefore(child, node.children[i] ?? null); });
}
let drawn = 0;
let isUpdated = false;  // whether this front end hands new data to update() instead of drawing the output again

// ---- Memory: what this browser page still knows when an output is drawn again, or its kernel has gone. ----
const memory = new WeakMap();

function remembered(el) {
  const place = el.closest(".jp-Document, .jp-NotebookPanel") ?? document.body;
  if (!memory.has(place)) memory.set(place, new Map());
  return memory.get(place);
}

// ---- Link: requests with answers over whatever connect() gave. ----
function link(channel, onState) {
  const waiting = new Map();
  let next = 1;
  channel.onMessage((message) => {
    if (message?.type === "state") onState(message);
    if (message?.type !== "answer") return;
    waiting.get(message.n)?.(message);
    waiting.delete(message.n);
  });
  return {
    ask(type, more = {}) {
      const n = next++;
      return new Promise((resolve) => {
        waiting.set(n, resolve);
        channel.send({ type, n, ...more });
      });
    },
    close: () => channel.close(),
  };
}

// ---- One terminal: its log, its prompt, its history. ----
function terminal(shell, page) {
  const id = `mlp${drawn}-${shell}`;
  const log = h("pre", { role: "log", "aria-live": "polite", "aria-label": WORDS.log(shell), tabindex: 0 });
  const mark = h("label", { for: id, class: "mark" }, `${shell}#`);
  const input = h("input", { id, type: "text", autocomplete: "off", autocapitalize: "off", spellcheck: "false",
    "aria-label": WORDS.input(shell), "aria-describedby": `${id}-hint` });
  const status = h("span", { class: "status" });
  const offers = h("div", { class: "offers", role: "status" });
  const hint = h("p", { class: "hint", id: `${id}-hint` }, WORDS.hint);
  const line = h("div", { class: "line" }, mark, input, status);
  const isSeen = page.allowed && !page.allowed.includes(shell);
  const el = h("div", { class: isSeen ? "terminal seen" : "terminal", role: "tabpanel", id: `${id}-panel`, "aria-labelledby": `${id}-tab`, click: focusPrompt },
    h("div", { class: "screen" }, log, line, offers), isSeen ? h("p", { class: "only" }, WORDS.onlySeen(page.allowed.join(", "))) : hint);
  const typed = [], notes = [];
  let shown = [], at = 0, draft = "", begun = "", leaving = false, queue = Promise.resolve(), last = null;

  function focusPrompt(event) {
    if (event.target.closest("button, input, a") || String(getSelection())) return;
    input.focus({ preventScroll: true });
  }

  // The log: what Python has, and between it what was refused and so belongs to this page only.
  function lines(entries) {
    const found = [];
    let note = 0;
    for (let i = 0; i <= entries.length; i++) {
      for (; note < notes.length && notes[note].after <= i; note++) found.push(notes[note]);
      if (i < entries.length && entries[i].shell === shell) found.push(entries[i]);
    }
    return found;
  }
  const key = (entry) => JSON.stringify(entry);

  function update(entries) {
    while (notes.length && notes.at(-1).after > entries.length) notes.pop();
    const wanted = lines(entries), keys = wanted.map(key);
    const kept = shown.length <= keys.length && shown.every((k, i) => k === keys[i]);
    if (!kept) {
      // All of it again, after an undo: nobody wants to hear it all again.
      log.setAttribute("aria-live", "off");
      log.replaceChildren();
      requestAnimationFrame(() => log.setAttribute("aria-live", "polite"));
    }
    for (const entry of wanted.slice(kept ? shown.length : 0)) log.append(...render(entry));
    shown = keys;
    last = wanted.findLast((entry) => entry.kind === "command") ?? null;
    status.textContent = last ? WORDS.status(Number(last.exit) || 0) : "";
    status.classList.toggle("bad", Boolean(last?.exit));
    if (!typed.length) typed.push(...wanted.filter((entry) => entry.kind === "command").map((entry) => text(entry.text)));
    at = typed.length;
    log.scrollTop = log.scrollHeight;
  }

  function render(entry) {
    const row = (kind, words) => h("span", { class: kind }, `${words.replace(/\n$/, "")}\n`);
    const prompt = (words) => h("span", { class: "typed" }, h("span", { class: "mark" }, `${shell}#`), ` ${words}\n`);
    if (entry.kind === "open") return [row("quiet", WORDS.opened)];
    if (entry.kind === "comment") return [row("quiet", `# ${text(entry.text)}`)];
    if (entry.kind === "expectation") {
      return [row("typed", `#? ${text(entry.text)}`), entry.note ? row("bad", WORDS.fails(text(entry.note))) : row("good", WORDS.holds)];
    }
    if (entry.kind === "refused") return [prompt(text(entry.text)), row("bad", WORDS.refused + text(entry.error))];
    const made = [prompt(text(entry.text))];
    if (entry.stdout) made.push(row("out", text(entry.stdout)));
    if (entry.stderr) made.push(row("err", text(entry.stderr)));
    if (entry.exit) made.push(row("bad", WORDS.ended(entry.exit, entry.errno)));
    return made;
  }

  // What is typed is run in its order, also when the kernel is slow.
  function submit(words) {
    if (!begun && !words.trim()) return;
    if (words.trim()) typed.push(words);
    [at, draft, input.value] = [typed.length, "", ""];
    const pending = h("span", { class: "typed pending", "aria-hidden": "true" }, `${begun ? ">" : `${shell}#`} ${words}\n`);
    log.append(pending);
    log.scrollTop = log.scrollHeight;
    offers.replaceChildren();
    queue = queue.then(async () => {
      const whole = begun ? `${begun}\n${words}` : words;
      const answer = await page.ask("run", { shell, text: whole });
      pending.remove();
      setBegun(answer.more ? whole : "");
      if (answer.error) {
        notes.push({ kind: "refused", shell, text: whole, error: answer.error, after: page.entries().length });
        update(page.entries());
      }
    });
  }
  function setBegun(words) {
    begun = words;
    mark.textContent = begun ? ">" : `${shell}#`;
    offers.textContent = begun ? WORDS.more : "";
  }

  async function completeIt() {
    const before = input.value.slice(0, input.selectionStart), value = input.value;
    const answer = await page.ask("complete", { shell, text: before });
    if (input.value !== value) return;
    const choices = list(answer.choices).map(text), start = Math.max(0, Number(answer.start) || 0);
    if (!choices.length) return void (offers.textContent = WORDS.noChoice);
    const common = choices.reduce((a, b) => { let i = 0; while (i < a.length && a[i] === b[i]) i++; return a.slice(0, i); });
    const done = choices.length === 1 && !/[/=]$/.test(common) ? `${common} ` : common;
    if (done.length >= before.length - start || choices.length === 1) {
      input.setRangeText(done, start, before.length, "end");
    }
    offers.replaceChildren(...(choices.length === 1 ? [] : [WORDS.choices(choices.length), " ",
      ...choices.slice(0, 60).map((choice) => h("code", {}, choice.replace(/^.*\/(?=.)/, "")))]));
  }

  function recall(step) {
    if (at === typed.length) draft = input.value;
    at = Math.max(0, Math.min(typed.length, at + step));
    input.value = at === typed.length ? draft : typed[at];
    input.setSelectionRange(input.value.length, input.value.length);
  }

  input.addEventListener("keydown", (event) => {
    if (event.isComposing || event.metaKey || event.altKey) return;
    const plain = !event.ctrlKey && !event.shiftKey, { key: name } = event;
    if (name === "Enter" && plain) submit(input.value);
    else if (name === "ArrowUp" && plain) recall(-1);
    else if (name === "ArrowDown" && plain) recall(1);
    else if (name === "Tab" && plain && input.value && !leaving) completeIt();
    else if (name === "c" && event.ctrlKey && !String(getSelection()) && (begun || input.value)) {
      [input.value, at, draft] = ["", typed.length, ""];
      setBegun("");
    } else {
      if (name === "Escape") { offers.textContent = WORDS.leaving; leaving = true; }
      else if (name !== "Tab" && name !== "Shift") leaving = false;
      return;
    }
    leaving = false;
    event.preventDefault();
  });
  input.addEventListener("blur", () => { leaving = false; });
  input.addEventListener("paste", (event) => {
    const words = event.clipboardData?.getData("text/plain") ?? "";
    if (!words.trimEnd().includes("\n")) return;
    event.preventDefault();
    submit(input.value + words.replace(/\r\n/g, "\n").trimEnd());
  });

  return { el, id, input, update, remember: () => ({ value: input.value, begun }), resume(saved) {
    input.value = text(saved?.value);
    if (saved?.begun) setBegun(saved.begun);
  } };
}

// ---- The row of tabs, and the terminals below it. ----
function terminals(page) {
  const tabs = h("div", { class: "tabs", role: "tablist", "aria-label": WORDS.terminals, keydown: walk });
  const name = h("input", { type: "text", size: 6, autocomplete: "off", spellcheck: "false", "aria-label": WORDS.openName });
  const form = h("span", { class: "naming", hidden: true }, name, button(WORDS.openGo, go, { class: "plain" }));
  const plus = button("+", naming, { class: "plus", "aria-label": WORDS.open, title: WORDS.open, "aria-expanded": "false" });
  const shut = button("×", () => page.act("close", { shell: active }), { class: "shut" });
  const none = h("p", { class: "none", hidden: true }, WORDS.noTerminal);
  const body = h("div", { class: "screens" }, none);
  const el = h("section", { class: "own terminals", "aria-label": WORDS.terminals }, h("div", { class: "strip" }, tabs, plus, form, shut), body);
  const made = new Map();
  let open = [], active = null;

  function get(shell) {
    if (!made.has(shell)) {
      const term = terminal(shell, page);
      const tab = h("button", { type: "button", role: "tab", id: `${term.id}-tab`, "aria-controls": `${term.id}-panel`, click: () => choose(shell, true) }, shell);
      made.set(shell, { ...term, tab });
    }
    return made.get(shell);
  }
  function update(shells, entries) {
    const before = open, hadFocus = el.contains(document.activeElement);
    open = shells.filter((shell) => NAME.test(shell));
    const fresh = before.length ? open.find((shell) => !before.includes(shell)) : null;
    for (const shell of open) get(shell).update(entries);
    arrange(tabs, open.map((shell) => get(shell).tab));
    arrange(body, [none, ...open.map((shell) => get(shell).el)]);
    none.hidden = open.length > 0;
    const usual = page.allowed?.find((shell) => open.includes(shell)) ?? open.at(-1);
    const next = fresh && entries.at(-1)?.shell === fresh ? fresh : open.includes(active) ? active : usual;
    choose(next ?? null, hadFocus && (next !== active || !el.contains(document.activeElement)));
  }
  function choose(shell, focus = false) {
    active = shell;
    for (const other of open) {
      const { tab, el: panel } = get(other), on = other === shell;
      tab.setAttribute("aria-selected", String(on));
      tab.tabIndex = on ? 0 : -1;
      panel.hidden = !on;
      const log = panel.querySelector("pre");
      if (on) log.scrollTop = log.scrollHeight;
    }
    if (!shell) return void (focus && plus.focus());
    shut.setAttribute("aria-label", WORDS.close(shell));
    shut.title = WORDS.close(shell);
    if (focus) get(shell).input.focus({ preventScroll: true });
  }
  function walk(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1, Home: -open.length, End: open.length }[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const to = open.indexOf(active) + step;
    choose(open[Math.abs(step) === 1 ? (to + open.length) % open.length : step > 0 ? open.length - 1 : 0]);
    get(active).tab.focus();
  }
  const toOpen = () => page.allowed?.find((shell) => !open.includes(shell));
  function naming() {
    form.hidden = !form.hidden;
    plus.setAttribute("aria-expanded", String(!form.hidden));
    if (form.hidden) return;
    let n = 1;
    while (open.includes(`c${n}`)) n++;
    name.value = toOpen() ?? (open.length || page.entries().some((entry) => entry.shell === "host") ? `c${n}` : "host");
    name.focus();
    name.select();
  }
  async function go() {
    const shell = name.value.trim();
    if (!NAME.test(shell)) return page.say(WORDS.badName, true);
    naming();
    if (open.includes(shell)) return choose(shell, true);
    await page.act("open", { shell });
    if (open.includes(shell)) choose(shell, true);
  }
  name.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Enter") go();
    else if (event.key === "Escape") { naming(); plus.focus(); }
    else return;
    event.preventDefault();
  });
  return {
    el, update,
    // Where one types; where nobody may, the button that opens a terminal.
    focus() {
      const may = (shell) => !page.allowed || page.allowed.includes(shell);
      const to = open.includes(active) && may(active) ? active : open.find(may);
      if (to) choose(to, true);
      else plus.focus();
    },
    enable(on) {
      for (const { input } of made.values()) input.readOnly = !on;
      el.classList.toggle("asleep", !on);
      plus.hidden = !on || Boolean(page.allowed && !toOpen());
      shut.hidden = !on || Boolean(page.allowed) || !open.length;
    },
    remember: () => ({ active, focus: el.contains(document.activeElement), saved: open.map((shell) => [shell, get(shell).remember()]) }),
    resume({ active: shell, focus, saved }) {
      for (const [each, kept] of saved) if (open.includes(each)) get(each).resume(kept);
      if (open.includes(shell)) choose(shell, focus);
    },
  };
}

// ---- The picture beside them, with the questions that only Python can answer in full. ----
function picture(page) {
  const canvas = h("div", { class: "canvas", click: offer });
  const ask = h("div", { class: "own ask" });
  const answer = h("pre", { class: "own answer", role: "region", "aria-label": WORDS.explanation, tabindex: 0, hidden: true });
  const el = h("section", { class: "picture", "aria-label": WORDS.picture }, canvas, ask, answer);
  let shown = null, frames = null, key = "";

  function update(data) {
    const fresh = JSON.stringify(data);
    if (fresh === key) return;
    [key, frames] = [fresh, data];
    ask.replaceChildren();
    answer.hidden = true;
    const had = canvas.contains(document.activeElement);
    if (shown) shown.update(data);
    else shown = drawSteps(canvas, data, { grain: "commands", position: { command: Infinity } });
    if (had) canvas.querySelector("[tabindex]")?.focus({ preventScroll: true });
  }
  // A click on a mount or on an empty place: the picture tells what it knows, Python may tell more.
  function offer(event) {
    const box = event.target.closest("[data-box]"), slot = event.target.closest("[data-slot]");
    if ((!box && !slot) || !page.connected()) return;
    const now = fold(frames, { command: Infinity });
    const found = box ? now.boxes[Number(box.dataset.box)] : null;
    const [c, r] = box ? [found?.c, found?.r] : slot.dataset.slot.split(",").map(Number);
    const column = frames.columns[c], row = frames.rows[r];
    ask.replaceChildren();
    if (!column || !row) return;
    const where = `${column.view ?? now.columns[c].shells[0] ?? column.title}:${row.path}`;
    const words = box ? WORDS.fullWhy(where) : WORDS.fullWhynot(where);
    const question = { ns: column.ns, view: column.view ?? null, path: row.path };
    ask.append(button(words, () => explain(box ? "why" : "whynot", question), { class: "plain" }));
  }
  async function explain(type, question) {
    answer.hidden = false;
    answer.textContent = WORDS.asking;
    const { text: said, error } = await page.ask(type, question);
    answer.textContent = text(error ?? said);
  }
  return { el, update, destroy: () => shown?.destroy() };
}

// ---- Export and import. ----
function papers(page) {
  const field = (label, control) => h("label", { class: "field" }, h("span", {}, label), control);
  const out = h("textarea", { readonly: true, rows: 8, spellcheck: "false" });
  const share = h("input", { type: "text", readonly: true, class: "share" });
  const into = h("textarea", { rows: 8, spellcheck: "false" });
  const file = h("input", { type: "file", accept: ".mnt,text/plain", change: async () => {
    if (file.files[0]) into.value = await file.files[0].text();
  } });
  const exporting = h("div", { class: "own paper", hidden: true }, field(WORDS.transcript, out),
    h("p", {}, button(WORDS.copy, () => copy(out), { class: "plain" }), " ", button(WORDS.download, save, { class: "plain" })),
    field(WORDS.share, share), h("p", {}, button(WORDS.copy, () => copy(share), { class: "plain" })));
  const importing = h("div", { class: "own paper", hidden: true }, field(WORDS.importText, into), field(WORDS.importFile, file),
    h("p", {}, button(WORDS.importGo, load, { class: "plain" })));
  const toggle = (label, paper) => {
    const opener = button(label, () => show(paper, paper.hidden), { "aria-expanded": "false" });
    const show = (_, on) => { paper.hidden = !on; opener.setAttribute("aria-expanded", String(on)); };
    return { opener, paper, show };
  };
  const both = [toggle(WORDS.exporting, exporting), toggle(WORDS.importing, importing)];
  for (const one of both) one.opener.addEventListener("click", () => { for (const other of both) if (other !== one) other.show(null, false); });

  async function copy(from) {
    try {
      await navigator.clipboard.writeText(from.value);
      page.say(WORDS.copied);
    } catch {
      from.focus();
      from.select();
      page.say(WORDS.notCopied);
    }
  }
  function save() {
    const url = URL.createObjectURL(new Blob([out.value], { type: "text/plain" }));
    h("a", { href: url, download: WORDS.file }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10000);
  }
  async function load() {
    const answer = await page.act("import", { text: into.value });
    if (answer.error) return;
    into.value = "";
    both[1].show(null, false);
    page.say(WORDS.imported);
  }
  return {
    openers: both.map((one) => one.opener), el: h("div", {}, exporting, importing), importer: both[1].opener,
    copyTranscript: () => { both[0].show(null, true); copy(out); },
    update(data) { out.value = `${text(data.transcript)}\n`; share.value = text(data.share); },
    close: () => both.forEach((one) => one.show(null, false)),
  };
}

// ---- The bar above: undo, redo, reset, the world, the papers. ----
function bar(page, openers, more) {
  // Never `disabled`: focus would drop out of the page when there is nothing more to undo.
  const off = (node, is) => node.setAttribute("aria-disabled", String(is));
  const act = (label, type, said, more = {}) => {
    const node = button(label, async () => {
      if (node.getAttribute("aria-disabled") === "true") return;
      const before = page.entries(), answer = await page.act(type), after = page.entries();
      const line = before.length > after.length ? before[after.length] : after[before.length];
      if (!answer.error) page.say(said(line ? `${text(line.shell)}# ${text(line.text)}` : ""));
    }, more);
    return node;
  };
  const undo = act(`↶ ${WORDS.undo}`, "undo", WORDS.undone), redo = act(`↷ ${WORDS.redo}`, "redo", WORDS.redone);
  const reset = act(WORDS.reset, "reset", WORDS.wasReset, { title: WORDS.resetTip });
  const group = `mlp${drawn}-world`;
  const worlds = ["sim", "kernel"].map((name) => h("input", { type: "radio", name: group, value: name, change: async (event) => {
    const answer = await page.act("world", { name });
    if (answer.error) event.target.closest("fieldset").querySelector(`[value=${page.world()}]`).checked = true;
    else page.say(WORDS.switched[name]);
  } }));
  const choice = h("fieldset", { class: "worlds" }, h("legend", {}, WORDS.world),
    ...worlds.map((input) => h("label", {}, input, ` ${WORDS[input.value]}`)));
  const el = h("div", { class: "own bar" }, undo, redo, reset, ...(more ?? [choice, h("span", { class: "papers" }, ...openers)]));
  return {
    el,
    update(data, live, noKernel) {
      off(undo, !live || !data.undo);
      off(redo, !live || !data.redo);
      for (const node of [reset, ...(more ?? [])]) off(node, !live);
      for (const input of worlds) {
        input.checked = input.value === data.world;
        input.disabled = !live || (input.value === "kernel" && noKernel !== null);
      }
      choice.title = live && noKernel ? WORDS.noKernel(noKernel) : "";
    },
  };
}

// ---- All of it. A level has more: a panel above, its own buttons in the bar, and only some terminals to type in. ----
export function draw(el, given, connect = null, level = null) {
  if (!given || given.v !== VERSION || typeof given.transcript !== "string") {
    el.replaceChildren(h("p", { role: "alert" }, WORDS.bad));
    return { destroy() { el.replaceChildren(); } };
  }
  drawn += 1;
  const known = remembered(el), memo = known.get(given.id);
  const newer = memo && memo.data.start === given.start && memo.data.turn >= given.turn;
  let data = newer ? memo.data : given, live = null, noKernel = null, first = true, dead = false, dirty = false, timers = [];

  const notice = h("p", { class: "own notice", role: "status" });
  const gone = h("div", { class: "own gone", hidden: true });
  const page = {
    entries: () => list(data.log), world: () => data.world, connected: () => live !== null,
    ask, act, say, allowed: level?.terminals ?? null,
  };
  const panel = level?.panel(page) ?? null;
  const skip = h("div", { class: "own skip" }, button(WORDS.skip, () => terms.focus(), { class: "plain" }));
  const paper = papers(page), top = bar(page, paper.openers, panel?.buttons), terms = terminals(page), image = picture(page);
  const root = h("div", { class: "mlp", role: "group", "aria-label": level?.title ?? WORDS.title(text(given.id)) },
    skip, ...(panel ? [panel.el] : []), top.el, ...(panel?.below ?? []), paper.el, gone, notice, h("div", { class: "split" }, terms.el, image.el));
  gone.append(h("p", {}, h("strong", {}, WORDS.gone)), h("p", {}, WORDS.goneMore, " ",
    button(WORDS.copyAll, paper.copyTranscript, { class: "plain" })));
  el.replaceChildren(h("style", {}, STYLE), root);

  let ready;
  const connected = new Promise((resolve) => { ready = resolve; });

  function say(words, isBad = false) {
    notice.textContent = words;
    notice.classList.toggle("bad", isBad);
  }
  // A question to Python; it waits for the kernel, and says so.
  async function ask(type, more) {
    const slow = setTimeout(() => { root.classList.add("waiting"); say(WORDS.waiting); }, SLOW);
    const slower = setTimeout(() => say(WORDS.busy), VERY_SLOW);
    timers.push(slow, slower);
    const there = await connected;
    const answer = there ? await there.ask(type, more) : { error: WORDS.gone };
    clearTimeout(slow);
    clearTimeout(slower);
    root.classList.remove("waiting");
    if ([WORDS.waiting, WORDS.busy].includes(notice.textContent)) say("");
    return answer;
  }
  async function act(type, more) {
    const answer = await ask(type, more);
    say(answer.error ? text(answer.error) : "", Boolean(answer.error));
    return answer;
  }

  function paint() {
    panel?.update(data, live !== null);
    paper.update(data);
    top.update(data, live !== null, noKernel);
    terms.update(list(data.shells).map(text), list(data.log));
    terms.enable(live !== null || connecting);
    skip.hidden = live === null && !connecting;
    image.update(data.frames);
  }
  let connecting = Boolean(connect);

  function onState(state) {
    if (dead || !state.data || state.data.v !== VERSION) return;
    const other = first && memo && memo.token !== state.token;
    noKernel = state.kernel ?? null;
    dirty = dirty || (!first && state.data.turn !== data.turn);
    if (isUpdated) timers.push(setTimeout(keep, SLOW));
    first = false;
    const left = other && memo.data.start === state.data.start && memo.data.transcript !== state.data.transcript && !state.data.turn;
    data = state.data;
    paint();
    if (left) restore(memo.data);
    else known.set(given.id, { data, token: state.token });
  }
  // The kernel that held this playground has gone, and this is a fresh one: it runs what the page still knows.
  async function restore(old) {
    const answer = await ask("restore", { text: old.transcript });
    if (answer.error) return say(text(answer.error), true);
    say(WORDS.restored(list(old.log).filter((entry) => entry.kind === "command").length));
  }

  async function begin() {
    const busy = setTimeout(() => say(WORDS.connecting), SLOW), busier = setTimeout(() => say(WORDS.busy), VERY_SLOW);
    timers.push(busy, busier);
    let channel = null;
    try { channel = connect ? await connect() : null; } catch { channel = null; }
    clearTimeout(busy);
    clearTimeout(busier);
    if (dead) return channel?.close();
    connecting = false;
    if (notice.textContent) say("");
    if (!channel) {
      ready(null);
      gone.hidden = !connect;
      paper.importer.hidden = true;
      if (!newer || !memo) known.set(given.id, { data, token: null });
      paint();
      return;
    }
    live = link(channel, onState);
    ready(live);
    await live.ask("hello");
  }

  // What the notebook saves should be what is seen: brought up to date when one turns away from the playground.
  async function keep() {
    if (!dirty || !live || dead) return;
    dirty = false;
    await live.ask("keep");
  }
  root.addEventListener("focusout", () => {
    timers.push(setTimeout(() => { if (!root.contains(document.activeElement)) keep(); }, AWAY));
  });
  const onHide = () => { if (document.hidden) keep(); };
  document.addEventListener("visibilitychange", onHide);

  // JupyterLab must not take our keys for its own; those with Ctrl, Alt or Meta stay its own, so that Ctrl+S saves.
  const capture = (event) => {
    if (!root.contains(event.target)) return;
    const theirs = event.ctrlKey || event.metaKey || event.altKey || (event.shiftKey && event.key === "Enter");
    event.target.toggleAttribute("data-lm-suppress-shortcuts", !theirs);
    if ((event.ctrlKey || event.metaKey) && event.key === "s") keep();
  };
  window.addEventListener("keydown", capture, true);

  paint();
  if (memo?.ui && Date.now() - memo.ui.when < RESUME) terms.resume(memo.ui);
  begin();

  return {
    // The output was brought up to date: by keep(), so with what is shown already.
    update() { isUpdated = true; },
    destroy() {
      dead = true;
      const kept = known.get(given.id);
      if (kept) kept.ui = { ...terms.remember(), when: Date.now() };
      timers.forEach(clearTimeout);
      window.removeEventListener("keydown", capture, true);
      document.removeEventListener("visibilitychange", onHide);
      image.destroy();
      panel?.destroy();
      live?.close();
      el.replaceChildren();
    },
  };
}

// ---- Style: JupyterLab's colours where they are, quiet ones of our own elsewhere. ----
const DARK = `--bg: var(--jp-layout-color0, #14171b); --bar: var(--jp-layout-color1, #1b1f24); --soft: var(--jp-layout-color2, #2b3138);
  --ink: var(--jp-ui-font-color0, #f0f2f4); --dim: #b3bac3; --rim: #4a525c; --mark: #7ab8ff; --bad: #ff9c8f; --good: #63d297;`;
const STYLE = `
.mlp { --bg: var(--jp-layout-color0, #fff); --bar: var(--jp-layout-color1, #fff); --soft: var(--jp-layout-color2, #eef0f2);
  --ink: var(--jp-ui-font-color0, #14171b); --dim: #525b65; --rim: #c4ccd4; --mark: #0b5cad; --bad: #b3261e; --good: #146c3c;
  position: relative; container-type: inline-size; color: var(--ink); background: var(--bg); border: 1px solid var(--rim); border-radius: 6px;
  font: var(--jp-ui-font-size1, 13px)/1.5 var(--jp-ui-font-family, system-ui, sans-serif); overflow: hidden; }
@media (prefers-color-scheme: dark) { :root:not(:has(body[data-jp-theme-light="true"])) .mlp { ${DARK} } }
body[data-jp-theme-light="false"] .mlp { ${DARK} }
.mlp .own[hidden], .mlp .own [hidden] { display: none !important; }
.mlp .own button { font: inherit; color: var(--ink); background: none; border: 1px solid transparent; border-radius: 4px; padding: 0.15em 0.6em; cursor: pointer; min-height: 2em; }
.mlp .own button:hover { background: var(--soft); }
.mlp .own button[aria-disabled=true] { color: var(--dim); opacity: 1; cursor: default; text-decoration: none; }
.mlp .own button[aria-disabled=true]:hover { background: none; }
.mlp .own button[aria-expanded=true] { background: var(--soft); }
.mlp .own button.plain { border-color: var(--rim); }
.mlp .own :focus-visible { outline: 2px solid var(--mark); outline-offset: -1px; }
.mlp .own.bar { display: flex; flex-wrap: wrap; align-items: center; gap: 0.2em 0.3em; padding: 0.3em 0.5em; background: var(--bar); border-bottom: 1px solid var(--rim); }
.mlp .own .worlds { display: flex; gap: 0.9em; margin: 0 auto 0 0.6em; padding: 0 0.7em; border: 0; border-left: 1px solid var(--rim); align-items: center; }
.mlp .own .worlds legend { float: left; padding: 0; margin-right: 0.9em; color: var(--dim); }
.mlp .own .worlds label { white-space: nowrap; }
.mlp .own .worlds input { margin: 0; vertical-align: -0.1em; accent-color: var(--mark); }
.mlp .own .worlds input:disabled { opacity: 0.6; }
.mlp .own .papers { white-space: nowrap; }
.mlp > .own.skip { position: absolute; z-index: 2; margin: 0.3em; border-radius: 4px; background: var(--bg); } .mlp > .own.skip:not(:focus-within) { clip-path: inset(50%); }
.mlp .own p { margin: 0.3em 0; }
.mlp .own.notice { margin: 0; padding: 0 0.8em; color: var(--dim); white-space: pre-wrap; }
.mlp .own.notice:not(:empty) { padding-block: 0.35em; border-bottom: 1px solid var(--rim); background: var(--bar); }
.mlp .own.notice.bad { color: var(--bad); font-family: var(--jp-code-font-family, ui-monospace, monospace); font-size: 0.95em; }
.mlp .own.gone { padding: 0.3em 0.8em; background: var(--soft); border-bottom: 1px solid var(--rim); }
.mlp .own.paper { padding: 0.6em 0.8em; border-bottom: 1px solid var(--rim); background: var(--bar); }
.mlp .own .field { display: block; color: var(--dim); }
.mlp .own .field span { margin-right: 0.6em; }
.mlp .own textarea, .mlp .own .share { display: block; box-sizing: border-box; width: 100%; margin: 0.2em 0 0.4em; padding: 0.4em; color: var(--ink); background: var(--bg);
  border: 1px solid var(--rim); border-radius: 4px; font: 1em/1.45 var(--jp-code-font-family, ui-monospace, monospace); }
.mlp > .split { display: grid; grid-template-columns: minmax(0, 1fr); }
.mlp .own.terminals { display: flex; flex-direction: column; min-width: 0; }
.mlp .own .strip { display: flex; flex-wrap: wrap; align-items: center; gap: 0.2em; padding: 0.3em 0.5em 0; background: var(--soft); }
.mlp .own .tabs { display: flex; flex-wrap: wrap; gap: 0.2em; }
.mlp .own .tabs button { border-radius: 4px 4px 0 0; padding: 0.2em 1em; border-bottom: 0; font-family: var(--jp-code-font-family, ui-monospace, monospace); }
.mlp .own .tabs button[aria-selected=true] { background: var(--bg); border-color: var(--rim); font-weight: 700; box-shadow: inset 0 2px var(--mark); }
.mlp .own .naming input { font: inherit; font-family: var(--jp-code-font-family, ui-monospace, monospace); color: var(--ink); background: var(--bg); border: 1px solid var(--rim); border-radius: 4px; padding: 0.15em 0.4em; }
.mlp .own .shut { margin-left: auto; }
.mlp .own .screens { flex: 1; display: flex; flex-direction: column; min-height: 0; }
.mlp .own .none { padding: 0.6em 0.8em; color: var(--dim); }
.mlp .own .terminal { display: flex; flex-direction: column; flex: 1; min-height: 0; padding: 0.6em 0.8em 0.3em; cursor: text; }
.mlp .own .screen { display: flex; flex-direction: column; flex: 1; min-height: 15em; font: var(--jp-code-font-size, 13px)/1.5 var(--jp-code-font-family, ui-monospace, monospace); }
.mlp .own .terminal pre { margin: 0; padding: 0; max-height: 24em; min-height: 0; overflow: auto; white-space: pre-wrap; overflow-wrap: anywhere; font: inherit; color: inherit; background: none; border: 0; }
.mlp .own .line { display: flex; align-items: baseline; gap: 1ch; }
.mlp .own .mark { color: var(--mark); font-weight: 700; white-space: pre; }
.mlp .own .line input { flex: 1; min-width: 6em; font: inherit; color: inherit; background: none; border: 0; padding: 0.1em 0; outline: none; }
.mlp .own .line:focus-within { box-shadow: 0 2px var(--mark); }
.mlp .own .status { color: var(--dim); font-size: 0.9em; }
.mlp .own .bad, .mlp .own .status.bad { color: var(--bad); }
.mlp .own .good { color: var(--good); }
.mlp .own .quiet, .mlp .own .pending, .mlp .own .hint { color: var(--dim); }
.mlp .own .quiet { font-style: italic; }
.mlp .own .hint { font-size: 0.9em; margin: 0.5em 0 0; }
.mlp .own .offers { color: var(--dim); min-height: 1.5em; overflow-wrap: anywhere; }
.mlp .own .offers code { display: inline-block; margin-right: 1.2em; color: var(--ink); background: none; padding: 0; font: inherit; }
.mlp .own.asleep .line, .mlp .own.asleep .hint, .mlp .own .seen .line, .mlp .own .seen .offers { display: none; }
.mlp .own .only { color: var(--dim); font-size: 0.9em; margin: 0.5em 0 0; }
.mlp > .split > .picture { min-width: 0; padding: 0.4em; border-top: 1px solid var(--rim); }
.mlp .own.ask { padding: 0 0.4em; }
.mlp .own.answer { margin: 0.4em; padding: 0.6em 0.8em; white-space: pre-wrap; overflow-wrap: anywhere; color: var(--ink); background: var(--soft); border-radius: 4px; font: var(--jp-code-font-size, 13px)/1.5 var(--jp-code-font-family, ui-monospace, monospace); }
@container (min-width: 62em) {
  .mlp > .split { grid-template-columns: minmax(24em, 2fr) minmax(0, 3fr); }
  .mlp > .split > .picture { border-top: 0; border-left: 1px solid var(--rim); }
  .mlp .own.terminals { height: 0; min-height: max(100%, 26em); }
  .mlp .own .terminal pre { max-height: none; }
}
@media (forced-colors: active) { .mlp .own .line:focus-within { outline: 2px solid Highlight; } }
`;
