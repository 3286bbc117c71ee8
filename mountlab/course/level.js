// A level on the page: a playground, and above it the story, the goal beside a picture of it, hints and the solution.
//
// Python judges after every command; this file shows what it said. The data is not trusted: it is only ever text.

import { draw as drawPlayground } from "../play/playground.js";
import { button, h, isObject, list, text } from "../view/dom.js";
import { draw as drawSteps } from "../view/stepper.js";

// ---- Words: everything a learner reads that is not in the data. ----
export const WORDS = {
  label: (title) => `Level: ${title}`, level: "Level", goal: "Goal", picture: "A state that reaches the goal",
  holds: "holds", notYet: "not yet", count: (n, par) => `Commands: ${n} · par: ${par}`,
  terminals: (names) => `You type in ${names.join(" and ")}.`, forbidden: "Without:",
  hint: "Hint", hinted: "Hint:", solution: "Solution", asking: "…",
  sure: "Whoever reads the solution has it, and the riddle is gone. A hint may be enough.", show: "Show the solution", no: "Not yet",
  shown: "The solution",
  failed: "This went wrong:", undo: "Undo it",
  reached: (n, par) => `The goal is reached, with ${n} ${n === 1 ? "command" : "commands"}${n <= par ? "" : `; par is ${par}`}.`,
  par: (n, par) => (n < par ? " Under par." : n === par ? " That is par." : ""),
  next: "Next level:", last: "This was the last level of its notebook.", call: (name) => `level("${name}")`,
  standing: (n, all) => `${n} of ${all} parts of the goal hold.`,
  bad: "This output holds no level.",
};

// ---- Above the playground. ----
function panel(page, first) {
  const goals = h("ul", { class: "goals" }), count = h("p", { class: "count" });
  const outcome = h("div", { class: "own outcome", role: "status" }), standing = h("p", { class: "unseen", role: "status" });
  const hinted = h("p", { class: "own hinted", role: "status" }), solved = h("div", { class: "own solved", hidden: true });
  const forbidden = list(first.forbidden).map(text), goal = h("div", { class: "drawn" });
  const told = h("div", { class: "own told" },
    h("p", { class: "title" }, h("span", { class: "kind" }, WORDS.level), " ", text(first.title)),
    h("p", { class: "story" }, text(first.story)),
    h("p", { class: "over" }, WORDS.goal), goals,
    h("p", { class: "rules" }, WORDS.terminals(list(first.terminals).map(text)), " ",
      ...(forbidden.length ? [WORDS.forbidden, ...forbidden.flatMap((each, i) => [i ? ", " : " ", h("code", {}, each)]), "."] : [])),
    count, standing);
  const shownGoal = isObject(first.frames) ? h("details", { class: "goal", open: true }, h("summary", {}, WORDS.picture), goal) : null;
  const el = h("section", { class: "level" }, h("style", {}, STYLE), h("div", { class: "both" }, told, shownGoal));
  let steps = null, turn = null, said = "", before = -1;

  const hint = button(WORDS.hint, async () => {
    if (!page.connected()) return;
    hinted.textContent = WORDS.asking;
    const answer = await page.ask("hint");
    hinted.replaceChildren(h("strong", {}, WORDS.hinted), " ", text(answer.error ?? answer.text));
  });
  const solution = button(WORDS.solution, () => {
    if (!page.connected()) return;
    if (!solved.hidden) return close();
    const yes = button(WORDS.show, show, { class: "plain" });
    solved.replaceChildren(h("p", {}, WORDS.sure), h("p", {}, yes, " ", button(WORDS.no, close, { class: "plain" })));
    open(true);
    yes.focus();
  }, { "aria-expanded": "false" });
  const open = (on) => { solved.hidden = !on; solution.setAttribute("aria-expanded", String(on)); };
  function close() { open(false); solution.focus(); }
  async function show() {
    const answer = await page.ask("solution");
    const lines = h("pre", { tabindex: 0, role: "region", "aria-label": WORDS.shown }, text(answer.error ?? answer.text));
    solved.replaceChildren(h("p", { class: "over" }, WORDS.shown), lines);
    lines.focus();
  }

  function message(level) {
    if (level.failed) {
      return [h("p", { class: "bad" }, h("strong", {}, `✗ ${WORDS.failed}`), " ", text(level.failed)), button(WORDS.undo, () => page.act("undo"), { class: "plain" })];
    }
    if (!level.reached) return [];
    const n = Number(level.commands) || 0, par = Number(level.par) || 0;
    return [h("p", { class: "good" }, h("strong", {}, `✓ ${WORDS.reached(n, par)}`), WORDS.par(n, par)),
      h("p", {}, ...(level.next ? [WORDS.next, " ", h("code", {}, WORDS.call(text(level.next)))] : [WORDS.last]))];
  }
  return {
    el, below: [outcome, hinted, solved], buttons: [...(first.hints === false ? [] : [hint]), solution],
    update(data) {
      const level = isObject(data.level) ? data.level : first, parts = list(level.goal).filter(isObject);
      // Drawn once it is in the page: only there it knows how wide it is.
      if (!steps && shownGoal?.isConnected) steps = drawSteps(goal, first.frames);
      const holding = parts.filter((part) => part.holds).length;
      goals.replaceChildren(...parts.map((part) => h("li", { class: part.holds ? "holds" : "" },
        h("span", { class: "sign" }, part.holds ? `✓ ${WORDS.holds}` : `○ ${WORDS.notYet}`), h("span", {}, text(part.text)))));
      count.textContent = WORDS.count(Number(level.commands) || 0, Number(level.par) || 0);
      if (before >= 0 && before !== holding) standing.textContent = WORDS.standing(holding, parts.length);
      before = holding;
      const now = JSON.stringify([level.failed, level.reached, level.commands]);
      if (now !== said) { said = now; outcome.className = `own outcome${level.failed ? " failed" : level.reached ? " reached" : ""}`; outcome.replaceChildren(...message(level)); }
      if (turn !== null && turn !== data.turn) { hinted.replaceChildren(); open(false); }
      turn = data.turn;
    },
    destroy: () => steps?.destroy(),
  };
}

// ---- All of it. ----
export function draw(el, data, connect = null) {
  if (!isObject(data) || !isObject(data.level)) {
    el.replaceChildren(h("p", { role: "alert" }, WORDS.bad));
    return { destroy() { el.replaceChildren(); } };
  }
  const level = data.level;
  return drawPlayground(el, data, connect, {
    title: WORDS.label(text(level.title)), terminals: list(level.terminals).map(text), panel: (page) => panel(page, level),
  });
}

// ---- Style: what the playground does not have. ----
const STYLE = `
.mlp > .level { border-bottom: 1px solid var(--rim); }
.mlp > .level .both { display: grid; grid-template-columns: minmax(0, 1fr); }
.mlp .own.told { padding: 0.8em 1em 0.5em; }
.mlp .own .title { font-size: 1.08em; font-weight: 650; } .mlp .own .kind { color: var(--mark); } .mlp .own .kind::after { content: " ·"; color: var(--dim); font-weight: 400; }
.mlp .own .over, .mlp .own .rules, .mlp .own .count { color: var(--dim); } .mlp .own .over { font-size: 0.92em; margin: 0.8em 0 0.2em; }
.mlp .own .goals { list-style: none; margin: 0; padding: 0; } .mlp .own .goals li { display: grid; grid-template-columns: 5.6em 1fr; gap: 0.4em; margin: 0.15em 0; }
.mlp .own .sign { color: var(--dim); white-space: nowrap; } .mlp .own .holds .sign { color: var(--good); font-weight: 650; }
.mlp .own .rules { margin-top: 0.7em; } .mlp .own .rules code, .mlp .own.outcome code { font: 0.95em var(--jp-code-font-family, ui-monospace, monospace); color: var(--ink); background: none; padding: 0; }
.mlp .own .unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); margin: 0; }
.mlp .goal { min-width: 0; padding: 0.5em 0.4em 0.4em; border-top: 1px solid var(--rim); } .mlp .goal > summary { color: var(--dim); cursor: pointer; padding: 0 0.4em; font-size: 0.92em; }
.mlp .goal .mlstep { padding: 0.3em; } .mlp .goal .mlstep .stage { grid-template-columns: minmax(0, 1fr) !important; } .mlp .goal .mlstep :is(.details, .legend, .prompt, .narration) { display: none; } .mlp .goal .mlstep .scroller { max-height: 22em; }
.mlp .own.outcome:empty, .mlp .own.hinted:empty { display: none; }
.mlp .own.outcome { display: flex; flex-wrap: wrap; align-items: center; gap: 0 1.2em; padding: 0.4em 1em; border-bottom: 1px solid var(--rim); } .mlp .own.outcome.reached { box-shadow: inset 4px 0 var(--good); } .mlp .own.outcome.failed { box-shadow: inset 4px 0 var(--bad); }
.mlp .own.hinted, .mlp .own.solved { margin: 0; padding: 0.5em 1em; border-bottom: 1px solid var(--rim); }
.mlp .own.solved pre { margin: 0.2em 0; padding: 0.5em 0.8em; white-space: pre-wrap; color: inherit; background: var(--soft); border-radius: 4px; font: var(--jp-code-font-size, 13px)/1.5 var(--jp-code-font-family, ui-monospace, monospace); }
@container (min-width: 62em) {
  .mlp > .level .both:has(.goal) { grid-template-columns: minmax(24em, 2fr) minmax(0, 3fr); }
  .mlp .goal { border-top: 0; border-left: 1px solid var(--rim); }
}
`;
