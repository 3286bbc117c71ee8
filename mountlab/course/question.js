// A question on the page: asks, then tells what is right and why, and lets one watch it happen.
//
// The data holds every answer that can be given and what is told then, so nothing here asks Python: it works in a
// notebook that nobody trusts, with a fresh kernel and with none. A kernel only keeps what was answered.
// The data is not trusted: it is only ever text.

import { button, h, isObject, list, text } from "../view/dom.js";
import { draw as drawSteps } from "../view/stepper.js";

// ---- Words: everything a learner reads that is not in the data. ----
export const WORDS = {
  label: (title) => (title ? `Question: ${title}` : "Question"), predict: "Predict", drill: "Drill",
  before: "Was run", asked: "About to be run", tables: "The mounts before it, with their optional fields",
  many: "Choose all that are right.", one: "Choose one.", none: "none of them",
  answer: "Answer", next: "Next", choose: "Choose an answer first.",
  right: "Right.", wrong: "Not so.",
  yes: { visible: "shows it", other: "✓ this is so" }, no: { visible: "does not show it", other: "" },
  hit: "✓ as you said", miss: "✗ you said otherwise", yours: "your answer", wrongly: "✗ your answer",
  believe: "People who answer so believe:", perhaps: "Perhaps you believe:", quote: (said) => `“${said}”`,
  why: "Why it is so", watch: "Watch it happen", step: "Step forward: the command has not been run yet.",
  again: "Think again", another: "Another one",
  kept: "Your answer was kept.", first: "Your first answer counts.",
  notKept: "Not kept: no kernel is running for this question. That changes nothing here.",
  notKeptWhy: (why) => `Not kept: ${why}`, waiting: "Waiting for the kernel …",
  noOther: "For another one a kernel must be running: run the cell again.",
  number: (n, all) => `Question ${n} of ${all}`, score: (n, all) => `${n} of ${all} right`,
  begin: (all) => `${all} questions, one after the other. What is right is told at the end.`, start: "Begin",
  read: "Worth reading about", nothing: "Nothing here shows a misconception.", where: (names) => `Notebook ${names.join(", ")}`,
  all: "The questions, with your answers", verdict: (ok) => (ok ? "right" : "not right"),
  bad: "This output holds no question.",
};

const VERSION = 1, SLOW = 400;

// ---- Small helpers. ----
const sentence = (words) => (/[.?!]$/.test(words) ? words : `${words}.`);
const isQuestion = (data) => isObject(data) && data.v === VERSION && isObject(data.answers) && list(data.choices).length > 0;
const isExam = (data) => isObject(data) && data.v === VERSION && list(data.questions).length > 0 && data.questions.every(isQuestion);
function focusOn(node) { node.focus({ preventScroll: true }); node.scrollIntoView({ block: "nearest" }); }
let drawn = 0;

// ---- Memory: what was answered on this page, for an output that is drawn again. ----
const memory = new WeakMap();
function remembered(el, name) {
  const place = el.closest(".jp-Document, .jp-NotebookPanel") ?? document.body;
  if (!memory.has(place)) memory.set(place, new Map());
  const names = memory.get(place);
  if (!names.has(name)) names.set(name, {});
  return names.get(name);
}

// ---- Asking Python: by a way of its own for each question, so that a kernel may come and go. Null: nobody answers. ----
async function ask(connect, message) {
  let channel = null;
  try { channel = connect ? await connect() : null; } catch { channel = null; }
  if (!channel) return null;
  const answer = await new Promise((resolve) => { channel.onMessage(resolve); channel.send({ ...message, n: 1 }); });
  channel.close();
  return answer;
}
// The same, and meanwhile it is said that the kernel takes its time.
async function patiently(connect, message, place) {
  const slow = setTimeout(() => { place.textContent = WORDS.waiting; }, SLOW);
  try { return await ask(connect, message); } finally { clearTimeout(slow); }
}
function keeping(answer) {
  if (!answer) return WORDS.notKept;
  if (!answer.kept) return WORDS.notKeptWhy(text(answer.error ?? answer.note));
  return [WORDS.kept, text(answer.note)].filter(Boolean).join(" ");
}

// ---- Transcript lines: the prompt in its own colour. ----
function lines(all, kind) {
  return h("pre", { class: kind }, ...list(all).flatMap((line, i) => {
    const [, prompt, rest] = /^([\w.-]+[#$])?([^]*)$/.exec(text(line));
    return [i ? "\n" : null, prompt ? h("span", { class: "shell" }, prompt) : null, rest];
  }));
}

// ---- The question: story, command, choices. ----
function form(data, { done, label, heading }) {
  const id = `mlq${++drawn}`, many = Boolean(data.many);
  const inputs = list(data.choices).map((_, i) => h("input", { type: many ? "checkbox" : "radio", name: id, value: i + 1 }));
  const none = many ? h("input", { type: "checkbox", name: id, value: 0 }) : null, noneNote = h("span", { class: "note" });
  const notes = list(data.choices).map(() => h("span", { class: "note" }));
  const rows = list(data.choices).map((choice, i) => h("label", { class: "choice" }, inputs[i], h("span", { class: "text" }, text(choice)), notes[i]));
  if (none) rows.push(h("label", { class: "choice none" }, none, h("span", { class: "text" }, WORDS.none), noneNote));
  const problem = h("p", { class: "problem", role: "status" });
  const go = button(label, submit, { class: "go" });
  const field = h("fieldset", {}, h("legend", {}, text(data.text), " ", h("span", { class: "how" }, many ? WORDS.many : WORDS.one)), ...rows);
  const block = (title, node) => h("div", { class: "block" }, h("p", { class: "over" }, title), node);
  const story = list(data.story), tables = list(data.tables);
  const el = h("div", { class: "ask" }, heading ?? null,
    h("p", { class: "machine" }, text(data.machine)),
    story.length ? block(WORDS.before, lines(story, "story")) : null,
    tables.length ? block(WORDS.tables, h("pre", { class: "tables", tabindex: 0, role: "region", "aria-label": WORDS.tables }, tables.map(text).join("\n"))) : null,
    block(WORDS.asked, lines(data.asked, "asked")), field, h("div", { class: "actions" }, go, problem));

  const everything = [...inputs, ...(none ? [none] : [])];
  el.addEventListener("change", (event) => {
    problem.textContent = "";
    if (!none) return;
    if (event.target === none) inputs.forEach((input) => { if (none.checked) input.checked = false; });
    else none.checked = false;
  });
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    event.preventDefault();
    submit();
  });
  function submit() {
    if (!everything.some((input) => input.checked)) return void (problem.textContent = WORDS.choose);
    done(inputs.filter((input) => input.checked).map((input) => Number(input.value)));
  }
  return {
    el, focus: () => focusOn(everything.find((input) => input.checked) ?? inputs[0]),
    // After the answer each choice says what is true, in words.
    tell(taken) {
      const right = new Set(list(data.right)), words = data.kind === "visible" ? "visible" : "other";
      field.disabled = true;
      go.hidden = true;
      problem.textContent = "";
      inputs.forEach((input, i) => {
        const is = right.has(i + 1), said = taken.includes(i + 1), hit = is === said;
        input.checked = said;
        const told = many ? [(is ? WORDS.yes : WORDS.no)[words], hit ? WORDS.hit : WORDS.miss] : [is && WORDS.yes.other, said && (is ? WORDS.yours : WORDS.wrongly)];
        notes[i].className = `note ${(many ? hit : is) ? "good" : "bad"}`;
        notes[i].textContent = told.filter(Boolean).join(" · ");
      });
      if (!none) return;
      none.checked = !taken.length;
      none.closest("label").hidden = Boolean(taken.length && right.size);
      if (!right.size) {
        noneNote.className = `note ${taken.length ? "bad" : "good"}`;
        noneNote.textContent = taken.length ? WORDS.miss : WORDS.hit;
      }
    },
    open(keep) {
      field.disabled = false;
      go.hidden = false;
      for (const input of everything) if (!keep) input.checked = false;
      for (const note of [...notes, noneNote]) { note.textContent = ""; note.className = "note"; }
      if (none) none.closest("label").hidden = false;
    },
  };
}

const isRight = (data, taken) => list(data.right).join(" ") === taken.join(" ");

// ---- What is told after an answer: the verdict, the belief behind it, the rule, the causes. ----
function told(data, taken, steppers) {
  const record = isObject(data.answers[taken.join(" ")]) ? data.answers[taken.join(" ")] : {};
  const right = isRight(data, taken), texts = list(data.texts), at = (i) => text(texts[i]);
  const beliefs = list(record.told).map((slug) => data.beliefs?.[slug]).filter(isObject);
  const parts = [];
  if (!right && beliefs.length) {
    parts.push(h("div", { class: "belief" }, h("p", { class: "over" }, record.exact ? WORDS.believe : WORDS.perhaps),
      ...beliefs.flatMap((belief) => [h("p", {}, h("strong", {}, sentence(text(belief.title))), " ", h("q", {}, text(belief.believed))), h("p", {}, text(belief.truth))])));
  }
  if (Number.isInteger(record.rule)) parts.push(h("p", { class: "law" }, at(record.rule)));
  const chain = list(record.chain).map(at).filter(Boolean);
  if (chain.length) parts.push(h("p", { class: "over" }, WORDS.why), h("ol", { class: "chain" }, ...chain.map((link) => h("li", {}, link))));
  if (isObject(data.frames)) {
    const place = h("div", { class: "steps" }), watch = h("div", { class: "watch" }, h("p", { class: "over" }, WORDS.watch), h("p", { class: "hint" }, WORDS.step), place);
    parts.push(watch);
    // Drawn once it is in the page: only there it knows how wide it is.
    steppers.push(() => drawSteps(place, data.frames, { grain: "events", position: isObject(data.at) ? data.at : {} }));
  }
  return parts;
}
const verdict = (right) => h("p", { class: `verdict ${right ? "good" : "bad"}`, tabindex: -1 },
  h("span", { "aria-hidden": "true" }, right ? "✓ " : "✗ "), right ? WORDS.right : WORDS.wrong);

// ---- One question, with its result below. ----
function single(root, given, memo, connect) {
  let data = memo.data ?? given, steppers = [];
  const title = h("p", { class: "title" });
  const result = h("div", { class: "result", hidden: true });
  const kept = h("p", { class: "kept", role: "status" });
  let asking = null;

  function begin() {
    const kind = h("span", { class: "kind" }, data.drill ? WORDS.drill : WORDS.predict);
    title.replaceChildren(kind, ...(data.title ? [" ", h("span", {}, text(data.title))] : []));
    root.setAttribute("aria-label", WORDS.label(text(data.title)));
    asking = form(data, { done, label: WORDS.answer });
    root.replaceChildren(title, asking.el, result, kept);
  }
  function clear() { for (const each of steppers) each.destroy(); steppers = []; }
  function show(taken) {
    clear();
    const later = [], actions = h("div", { class: "actions" },
      button(WORDS.again, again, { class: "plain" }), data.drill && connect ? button(WORDS.another, another, { class: "plain" }) : null);
    asking.tell(taken);
    const [head, ...rest] = [verdict(isRight(data, taken)), ...told(data, taken, later)];
    const picture = rest.findIndex((part) => part.classList.contains("watch"));
    rest.splice(picture < 0 ? rest.length : picture, 0, actions, kept);
    result.replaceChildren(head, ...rest);
    result.hidden = false;
    steppers = later.map((each) => each());
    return head;
  }
  async function done(taken) {
    const isFirst = memo.first === undefined;
    if (isFirst) memo.first = taken;
    memo.taken = taken;
    focusOn(show(taken));
    if (!isFirst) return void (kept.textContent = WORDS.first);
    kept.textContent = "";
    kept.textContent = keeping(await patiently(connect, { type: "answer", taken }, kept));
  }
  function again() {
    clear();
    delete memo.taken;
    result.hidden = true;
    root.append(kept);
    kept.textContent = WORDS.first;
    asking.open(false);
    asking.focus();
  }
  async function another() {
    const answer = await patiently(connect, { type: "another" }, kept);
    if (!isQuestion(answer?.data)) return void (kept.textContent = answer?.error ? text(answer.error) : WORDS.noOther);
    clear();
    data = memo.data = answer.data;
    delete memo.first;
    delete memo.taken;
    result.hidden = true;
    kept.textContent = "";
    begin();
    asking.focus();
  }

  begin();
  if (memo.taken) show(memo.taken);
  return { destroy: clear };
}

// ---- A test: one question after the other, and at the end what was right. ----
function exam(root, data, memo, connect) {
  const questions = list(data.questions), answers = memo.answers ??= [];
  const kept = h("p", { class: "kept", role: "status" });
  let steppers = [];
  const heading = (words) => h("p", { class: "title", tabindex: -1 }, h("span", { class: "kind" }, text(data.title)), " ", h("span", {}, words));
  root.setAttribute("aria-label", text(data.title));

  function go(focus) {
    const at = answers.length;
    if (!memo.begun && !at) {
      const start = button(WORDS.start, () => { memo.begun = true; go(true); }, { class: "go" });
      root.replaceChildren(heading(""), h("p", {}, WORDS.begin(questions.length)), h("div", { class: "actions" }, start));
      return;
    }
    if (at >= questions.length) return end(focus);
    const head = heading(WORDS.number(at + 1, questions.length));
    const bar = h("div", { class: "trail", "aria-hidden": "true" }, ...questions.map((_, i) => h("i", { class: i < at ? "past" : i === at ? "now" : "" })));
    const asking = form(questions[at], { label: at + 1 < questions.length ? WORDS.next : WORDS.answer, heading: bar, done: (taken) => {
      answers.push(taken);
      keep(at, taken);
      go(true);
    } });
    root.replaceChildren(head, asking.el);
    if (focus) focusOn(head);
  }
  async function keep(at, taken) {
    kept.textContent = keeping(await patiently(connect, { type: "answer", question: at + 1, taken }, kept));
  }
  function end(focus) {
    const hits = questions.map((each, i) => isRight(each, answers[i]));
    const slugs = [...new Set(questions.flatMap((each, i) => (hits[i] ? [] : list(each.answers[answers[i].join(" ")]?.told).slice(0, 1))))];
    const head = h("p", { class: "verdict", tabindex: -1 }, WORDS.score(hits.filter(Boolean).length, questions.length));
    const read = slugs.map((slug) => [data.beliefs?.[slug], list(data.read?.[slug]).map(text)]).filter(([belief]) => isObject(belief)).map(([belief, names]) =>
      h("li", {}, h("strong", {}, sentence(text(belief.title))), " ", h("q", {}, text(belief.believed)), h("p", {}, text(belief.truth)), names.length ? h("p", { class: "hint" }, WORDS.where(names)) : null));
    root.replaceChildren(heading(""), head, h("p", { class: "over" }, WORDS.read),
      read.length ? h("ul", { class: "read" }, ...read) : h("p", {}, WORDS.nothing), h("p", { class: "over" }, WORDS.all), ...questions.map((each, i) => review(each, i, hits[i])), kept);
    if (focus) focusOn(head);
  }
  // Each question again, opened by who wants to know why.
  function review(each, i, hit) {
    const inner = h("div", { class: "inner" });
    const item = h("details", { toggle: () => {
      if (!item.open || inner.firstChild) return;
      const asking = form(each, { label: WORDS.answer, done() {} }), later = [];
      asking.tell(answers[i]);
      inner.append(asking.el, ...told(each, answers[i], later));
      steppers.push(...later.map((one) => one()));
    } }, h("summary", {}, `${WORDS.number(i + 1, questions.length)}: `, h("span", { class: hit ? "good" : "bad" }, `${hit ? "✓" : "✗"} ${WORDS.verdict(hit)}`)), inner);
    return item;
  }
  go(false);
  return { destroy() { for (const each of steppers) each.destroy(); steppers = []; } };
}

// ---- All of it. ----
export function draw(el, data, connect = null) {
  if (!isQuestion(data) && !isExam(data)) {
    el.replaceChildren(h("p", { role: "alert" }, WORDS.bad));
    return { destroy() { el.replaceChildren(); } };
  }
  const root = h("div", { class: "mlq", role: "group" });
  el.replaceChildren(h("style", {}, STYLE), root);
  const memo = remembered(el, text(data.name));
  const shown = (isExam(data) ? exam : single)(root, data, memo, connect);
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
      shown.destroy();
      el.replaceChildren();
    },
  };
}

// ---- Style: JupyterLab's colours where they are, quiet ones of our own elsewhere. ----
const DARK = `--bg: var(--jp-layout-color0, #14171b); --soft: var(--jp-layout-color2, #2b3138); --ink: var(--jp-ui-font-color0, #f0f2f4);
  --dim: #b3bac3; --rim: #4a525c; --mark: #7ab8ff; --on-mark: #0b1c2e; --bad: #ff9c8f; --good: #63d297; --card: #1d2227;`;
const STYLE = `
.mlq { --bg: var(--jp-layout-color0, #fff); --soft: var(--jp-layout-color2, #eef0f2); --ink: var(--jp-ui-font-color0, #14171b);
  --dim: #525b65; --rim: #c4ccd4; --mark: #0b5cad; --on-mark: #fff; --bad: #b3261e; --good: #146c3c; --card: #f5f7f9;
  --mono: var(--jp-code-font-family, ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace);
  container-type: inline-size; color: var(--ink); background: var(--bg); border: 1px solid var(--rim); border-left: 4px solid var(--mark); border-radius: 6px; padding: 0.9em 1.2em 1em;
  font: var(--jp-ui-font-size1, 13px)/1.5 var(--jp-ui-font-family, system-ui, sans-serif); text-align: left; overflow-wrap: anywhere; }
@media (prefers-color-scheme: dark) { :root:not(:has(body[data-jp-theme-light="true"])) .mlq { ${DARK} } }
body[data-jp-theme-light="false"] .mlq { ${DARK} }
.mlq [hidden] { display: none !important; }
.mlq > p, .mlq .ask p, .mlq .result > p, .mlq .belief p, .mlq .read p, .mlq .watch > p { margin: 0 0 0.35em; }
.mlq > .title { font-size: 1.08em; font-weight: 650; outline: none; }
.mlq .kind { color: var(--mark); margin-right: 0.35em; }
.mlq .kind::after { content: " ·"; color: var(--dim); font-weight: 400; }
.mlq .title span:last-child:empty { display: none; } .mlq .kind:last-child::after, .mlq .kind:has(+ span:empty)::after { content: none; }
.mlq .machine, .mlq .hint, .mlq .how, .mlq .kept { color: var(--dim); }
.mlq .over { color: var(--dim); font-size: 0.92em; margin: 0.9em 0 0.2em !important; }
.mlq .ask .block .over { margin-top: 0.5em !important; }
.mlq .ask pre { margin: 0; padding: 0.45em 0.8em; white-space: pre-wrap; color: inherit; background: var(--card); border: 1px solid var(--rim); border-radius: 0.4em; font: var(--jp-code-font-size, 13px)/1.5 var(--mono); }
.mlq .ask pre.asked { border-color: var(--mark); border-left-width: 4px; font-weight: 600; }
.mlq .ask pre.tables { white-space: pre; overflow-x: auto; }
.mlq .ask .shell { color: var(--mark); font-weight: 600; }
.mlq fieldset { margin: 0.9em 0 0.3em; padding: 0; border: 0; min-width: 0; }
.mlq legend { padding: 0; margin-bottom: 0.35em; font-weight: 650; font-size: 1.08em; width: 100%; }
.mlq .how { font-weight: 400; font-size: 0.92em; }
.mlq .choice { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0.1em 0.7em; padding: 0.35em 0.6em; margin: 0 -0.6em; border-radius: 0.4em; cursor: pointer; }
.mlq fieldset:not(:disabled) .choice:hover { background: var(--soft); }
.mlq fieldset:disabled .choice { cursor: default; }
.mlq .choice input { margin: 0; flex: none; width: 1.1em; height: 1.1em; accent-color: var(--mark); transform: translateY(0.15em); }
.mlq .choice .text { font-family: var(--mono); font-size: var(--jp-code-font-size, 13px); flex: 0 1 auto; min-width: min(22em, 100%); }
.mlq .choice.none .text { font-family: inherit; color: var(--dim); }
.mlq .note { flex: 0 1 auto; } .mlq .note:empty { display: none; }
.mlq .good { color: var(--good); } .mlq .bad { color: var(--bad); } .mlq .note.good, .mlq .note.bad { font-weight: 600; }
.mlq .actions { display: flex; flex-wrap: wrap; align-items: center; gap: 0.6em; margin-top: 0.7em; }
.mlq .actions .problem { margin: 0; color: var(--bad); }
.mlq > .actions button, .mlq .ask button, .mlq .result > .actions button { font: inherit; min-height: 2.2em; padding: 0.2em 1em; border: 1px solid var(--rim); border-radius: 0.4em; color: var(--ink); background: var(--bg); cursor: pointer; }
.mlq > .actions button.go, .mlq .ask button.go { color: var(--on-mark); background: var(--mark); border-color: var(--mark); font-weight: 650; }
.mlq .actions button:hover { border-color: var(--mark); box-shadow: 0 0 0 1px var(--mark); }
.mlq :focus-visible { outline: 3px solid var(--mark); outline-offset: 2px; }
.mlq .result { margin-top: 0.9em; padding-top: 0.8em; border-top: 1px solid var(--rim); }
.mlq .verdict { font-size: 1.25em; font-weight: 700; }
.mlq .belief { margin: 0.5em 0; padding: 0.1em 0 0.1em 0.9em; border-left: 3px solid var(--bad); }
.mlq .belief .over { margin-top: 0 !important; } .mlq q { font-style: italic; quotes: "“" "”"; }
.mlq ol.chain, .mlq ul.read { margin: 0.2em 0 0.5em; padding-left: 1.6em; } .mlq .chain li, .mlq .read li { margin: 0.15em 0; }
.mlq .read li { margin-bottom: 0.6em; }
.mlq .watch .over { color: var(--ink); font-weight: 650; font-size: 1.08em; margin-top: 1.2em !important; }
.mlq .steps { margin-top: 0.4em; border: 1px solid var(--rim); border-radius: 0.5em; overflow: hidden; }
.mlq .kept { margin: 0.7em 0 0 !important; font-size: 0.92em; } .mlq .kept:empty { display: none; }
.mlq .trail { display: flex; gap: 0.3em; margin: 0.2em 0 0.7em; } .mlq .trail i { flex: 1; height: 0.35em; border-radius: 0.2em; background: var(--soft); } .mlq .trail i.past { background: var(--dim); } .mlq .trail i.now { background: var(--mark); }
.mlq > details { border-top: 1px solid var(--rim); } .mlq > details > summary { cursor: pointer; padding: 0.4em 0; } .mlq > details > .inner { padding: 0 0 1em 1em; }
@container (max-width: 30em) { .mlq .note { flex-basis: 100%; margin-left: 1.9em; } }
@media (forced-colors: active) { .mlq .ask pre.asked { border: 2px solid Highlight; } .mlq .trail i.now { background: Highlight; } .mlq .trail i.past { background: CanvasText; } }
@media (prefers-reduced-motion: reduce) { .mlq * { transition: none !important; } }
`;
