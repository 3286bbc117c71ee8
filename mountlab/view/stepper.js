// The stepper: draws a trace of mount tables and steps through it, in the browser alone.
//
// The data (version 1) is plain JSON: columns are namespaces, rows are paths, boxes are mounts, and each step is a
// difference. Nothing here computes propagation: it only shows what the engine has found. The data is not trusted:
// text goes into the page as text, numbers are checked before they are used.

// ---- Words: everything a learner reads that is not in the data. ----
export const WORDS = {
  title: (name) => `Mounts, step by step${name ? `: ${name}` : ""}`,
  start: "Before the first command. Step forward with the right arrow key or the buttons below.",
  noCommands: "These are the mounts as they are now. Click one to see what its line means.",
  namespace: (n) => `namespace ${n}`,
  view: (shell) => `as ${shell} sees it`,
  types: "types here", notYet: "does not exist yet", ended: "has ended", noShell: "no shell",
  widen: (title) => `${title}: show it wide`,
  exit: (n) => `exit status ${n}`, failed: (errno) => `failed: ${errno}`,
  peer: (g) => `⇄ ${g}`, slave: (g) => `← ${g}`, unbindable: "⊘ unbindable", private: "private", readOnly: "ro",
  covered: "covered", hidden: "hidden", notHere: "not here",
  tags: { made: "new", copy: "new", tuck: "tucked beneath", slide: "moved", move: "moved", join: "joined group", leave: "left group",
    master: "new master", flags: "changed", gone: "gone", skip: "✕ left out" },
  said: { peer: (g) => `peer group ${g}`, slave: (g) => `slave of group ${g}`, slot: (path) => `: ${path}. Why?` },
  mounts: (n) => `${n} ${n === 1 ? "mount" : "mounts"}`, changed: (n) => `±${n}`,
  folded: (path, n, changed) => `${path}: ${n} ${n === 1 ? "mount" : "mounts"}${changed ? `, ${changed} changed` : ""}`,
  legend: { fs: "same sign, same filesystem", peer: "⇄ 1 in peer group 1", slave: "← 1 slave of group 1", unbindable: "⊘ unbindable",
    peers: "peers", master: "master to slave", slot: "not here: click for why" },
  first: "First", back: "Back", play: "Play", pause: "Pause", forward: "Forward", last: "Last",
  grain: "Step by", commands: "commands", events: "events", scrub: "Position", list: "All commands",
  place: (c, n, s, m) => (c < 0 ? `start of ${n} commands` : `command ${c + 1} of ${n}${m ? `, event ${s + 1} of ${m}` : ""}`),
  details: "Details", why: "Why is it here?", whyNot: "Why is it not here?",
  choose: "Click a mount, or reach it with the Tab key: its line of mountinfo is explained here. Click an empty place to ask why nothing is there.",
  notEmpty: "At this step something is mounted here, or the namespace does not exist.",
  noReason: "Nothing is mounted here in this namespace.",
  pinned: "pinned (Escape lets go)", vanished: "At this step it is not mounted.",
  peersOf: (g) => `Peers in group ${g}`, mastersOf: (g) => `Receives from group ${g}`, nobody: "nobody that is shown",
  line: "Its line in mountinfo, field by field",
  fields: {
    id: ["mount ID", () => "the number of this mount"],
    parent: ["parent", (name) => (name ? `the mount it is mounted on: ${name}` : "the mount it is mounted on (not shown here)")],
    dev: ["device", (fs) => `the filesystem ${fs}: the same number is the same filesystem`],
    root: ["root", (r) => (r === "/" ? "the whole filesystem is seen" : "only this directory of the filesystem is seen")],
    mountpoint: ["mountpoint", () => "the path where it is seen"],
    options: ["mount options", (o) => (o.split(",").includes("ro") ? "of this mount: no writing through it" : "of this mount alone")],
    shared: ["optional field", (g) => `shared: it is in peer group ${g}; what is mounted here appears at its peers too`],
    master: ["optional field", (g) => `slave: it receives from group ${g} and sends nothing back`],
    from: ["optional field", (g) => `its nearest master that can be seen from here is in group ${g}`],
    unbindable: ["optional field", () => "it cannot be bound to another place, and is private"],
    dash: ["separator", () => "end of the optional fields"],
    private: ["optional field", () => "none: private, it neither sends nor receives"],
    type: ["filesystem type", () => "what kind of filesystem"], source: ["source", () => "what was mounted"],
    super: ["super options", () => "of the filesystem, for all its mounts"],
  },
  tables: "The mount tables at the end",
  kernel: { title: "Simulator and kernel", ours: "simulator", theirs: "kernel", same: "No difference: the simulator and the kernel have the same mount tables.",
    differs: (text) => `They differ: ${text}`, none: "No table of the kernel for this step.", start: "Before the first command there is nothing to compare." },
  keys: "Keys",
  keyList: [["← →", "step back, forward"], ["↑ ↓", "previous, next command"], ["Home End", "first, last"], ["Space", "play, pause"],
    ["Tab", "through mounts and empty places"], ["Enter", "on a mount: keep its details"], ["Esc", "let go"], ["?", "these keys"]],
  broken: "its parts do not fit together", bad: (what) => `This picture cannot be drawn: ${what}.`,
};

// ---- Checking: one readable sentence when the data is not what it should be. ----
const isInt = (v, low, high) => Number.isInteger(v) && v >= low && v < high;
const isList = Array.isArray;
const isObject = (v) => v !== null && typeof v === "object" && !isList(v);
const NUMBERS = new Set(["c", "r", "l", "fs", "sh", "ma", "pf", "ub", "hid"]);
const FIELDS = new Set([...NUMBERS, "id", "up", "root", "opt", "sopt", "why"]);
const NEEDED = ["c", "r", "l", "fs"];

export function problem(data) {
  if (!isObject(data)) return "there is no data";
  if (data.v !== 1) return `it has version ${String(data.v)}, and version 1 is expected`;
  if (data.pair !== undefined) {
    if (!isList(data.pair) || data.pair.length !== 2) return "“pair” should be two pictures";
    return problemOf(data.pair[0]) ?? problemOf(data.pair[1]);
  }
  return problemOf(data);
}

function problemOf(data) {
  if (!isObject(data)) return "a picture is missing";
  for (const key of ["columns", "rows", "filesystems", "commands"]) {
    if (!isList(data[key]) || !data[key].every(isObject)) return `“${key}” should be a list of objects`;
  }
  for (const key of ["closed", "narrow", "texts", "because", "kernel"]) {
    if (data[key] !== undefined && !isList(data[key])) return `“${key}” should be a list`;
  }
  for (const [i, row] of data.rows.entries()) {
    if (!isInt(row.up, -1, Math.max(i, 0))) return `row ${i} does not name a row above it`;
    if (!isInt(row.lanes ?? 1, 1, 65)) return `row ${i} has an impossible number of places`;
  }
  const known = new Set();
  let wrong = problemOfDelta(data, data.start ?? {}, known);
  if (wrong) return `${wrong} (in the start)`;
  for (const [i, command] of data.commands.entries()) {
    if (command.steps !== undefined && !isList(command.steps)) return `command ${i} has no list of steps`;
    for (const step of command.steps ?? []) {
      wrong = isObject(step) ? problemOfDelta(data, step.d ?? {}, known) : "a step is not an object";
      if (wrong) return `${wrong} (in command ${i})`;
    }
  }
  return null;
}

function problemOfDelta(data, delta, known) {
  if (!isObject(delta)) return "a difference is not an object";
  for (const key of ["set", "gone", "shells", "live", "empty"]) {
    if (delta[key] !== undefined && !isList(delta[key])) return `“${key}” should be a list`;
    if (key !== "gone" && !(delta[key] ?? []).every(isList)) return `“${key}” should be a list of lists`;
  }
  const columns = data.columns.length, rows = data.rows.length;
  for (const [box, fields] of delta.set ?? []) {
    if (!isInt(box, 0, 1e6) || !isObject(fields)) return "a box has no number or no fields";
    if (!known.has(box) && !NEEDED.every((f) => f in fields)) return `box ${box} is new and lacks fields`;
    if (Object.entries(fields).some(([f, v]) => NUMBERS.has(f) && !isInt(v, 0, 1e9))) return `box ${box} has a field that is no number`;
    if ("c" in fields && !isInt(fields.c, 0, columns)) return `box ${box} is in a column that is not there`;
    if ("r" in fields && !isInt(fields.r, 0, rows)) return `box ${box} is in a row that is not there`;
    if ("l" in fields && !isInt(fields.l, 0, 64)) return `box ${box} is in a place that is not there`;
    if ("fs" in fields && !isInt(fields.fs, 0, data.filesystems.length)) return `box ${box} has a filesystem that is not there`;
    known.add(box);
  }
  for (const [column] of [...(delta.shells ?? []), ...(delta.live ?? []), ...(delta.empty ?? [])]) {
    if (!isInt(column, 0, columns)) return "a column is named that is not there";
  }
  for (const [, row] of delta.empty ?? []) if (!isInt(row, 0, rows)) return "a row is named that is not there";
  return null;
}

// ---- State: what is mounted at one position, by applying differences; each gives the difference that undoes it. ----
const blank = (data) => ({ columns: data.columns.map(() => ({ live: false, shells: [] })), boxes: {}, empty: {} });
const stepsOf = (command) => (command.steps?.length ? command.steps : [{ say: command.say ?? "", d: {} }]);
const asList = (v) => (v === undefined || v === null ? [] : isList(v) ? v : [v]);

function apply(state, given) {
  const delta = given ?? {};
  const back = { set: [], gone: [], shells: [], live: [], empty: [] };
  for (const [index, fields] of delta.set ?? []) {
    const box = state.boxes[index], known = Object.entries(fields).filter(([f]) => FIELDS.has(f));
    if (box) back.set.unshift([index, Object.fromEntries(known.map(([f]) => [f, box[f]]))]);
    else back.gone.push(index);
    state.boxes[index] = { ...box, ...Object.fromEntries(known) };
  }
  for (const index of delta.gone ?? []) {
    if (!state.boxes[index]) continue;
    back.set.unshift([index, state.boxes[index]]);
    delete state.boxes[index];
  }
  for (const [c, shells] of delta.shells ?? []) {
    back.shells.unshift([c, state.columns[c].shells]);
    state.columns[c] = { ...state.columns[c], shells: asList(shells).map(String) };
  }
  for (const [c, live] of delta.live ?? []) {
    back.live.unshift([c, state.columns[c].live]);
    state.columns[c] = { ...state.columns[c], live: Boolean(live) };
  }
  for (const [c, r, texts] of delta.empty ?? []) {
    const key = `${c},${r}`;
    back.empty.unshift([c, r, state.empty[key] ?? null]);
    if (texts === null || texts === undefined) delete state.empty[key];
    else state.empty[key] = asList(texts);
  }
  return back;
}

export function fold(data, position = {}) {
  const state = blank(data);
  apply(state, data.start);
  const { command = -1, step = Infinity } = position;
  for (let c = 0; c < data.commands.length && c <= command; c++) {
    const steps = stepsOf(data.commands[c]);
    for (let s = 0; s < steps.length && (c < command || s <= step); s++) apply(state, steps[s].d);
  }
  return state;
}

// A reason why nothing is in a place is told at the end of a line: by then a copy may have come, or the column gone.
export const isEmpty = (state, taken, k) => Boolean(state.empty[k]) && !taken.has(k) && state.columns[Number.parseInt(k, 10)].live;

// ---- Links: peers are joined one to the next, a slave to the nearest member of its master's group. ----
const before = (a, b) => a.c - b.c || a.r - b.r || a.l - b.l || a.index - b.index;

export function links(state) {
  const boxes = Object.entries(state.boxes).map(([i, box]) => ({ ...box, index: Number(i) })).sort(before);
  const groups = new Map();
  for (const box of boxes) if (box.sh) (groups.get(box.sh) ?? groups.set(box.sh, []).get(box.sh)).push(box);
  const found = [];
  for (const [group, members] of groups) {
    for (let i = 1; i < members.length; i++) found.push({ kind: "peer", group, a: members[i - 1].index, b: members[i].index });
  }
  const far = (m, s) => [m.r === s.r ? 0 : 1, Math.abs(m.c - s.c), Math.abs(m.r - s.r), m.index];
  for (const slave of boxes) {
    let best = null, least = null;
    for (const member of (slave.ma && groups.get(slave.ma)) || []) {
      const distance = far(member, slave);
      const d = least && distance.map((v, i) => v - least[i]).find((v) => v !== 0);
      if (member.index !== slave.index && (!least || d < 0)) [best, least] = [member, distance];
    }
    if (best) found.push({ kind: "slave", group: slave.ma, a: best.index, b: slave.index });
  }
  return found;
}

// ---- Geometry, in em: where columns, rows and boxes are. It depends on what is folded, never on the step. ----
const BOX = 2.9, GAP = 1, INDENT = 1.1, BAR = 1.7, NARROW = 3;
// A stack: how far apart its cards are. Of a high one only the second line of a covered card shows.
const pitch = (lanes) => (lanes > 6 ? 1.5 : 2.85), shiftOf = (lanes) => Math.min(0.5, 3 / lanes);
const PORT = { peer: 0.36 * BOX, slave: 0.7 * BOX, };

function measure(data, { open, wide, width, used }) {
  const g = { colX: [], colW: [], gutX: [0], gutW: [0.7], top: [], bottom: [], bar: [], depth: [], shown: [], next: [] };
  const columns = data.columns.length, wides = data.columns.filter((_, c) => wide(c)).length;
  const gutter = (c, most) => (c === columns ? (wide(c - 1) ? 2.2 : 1) : wide(c) || wide(c - 1) ? most : 1.4);
  let spare = width - 1.2 - NARROW * (columns - wides);
  for (let c = 1; c <= columns; c++) spare -= gutter(c, 3.4);
  const each = Math.max(12, Math.min(22, spare / Math.max(1, wides)));
  const between = 3.4 + Math.max(0, Math.min(3, (spare - each * wides) / Math.max(1, columns - 1)));
  let x = g.gutW[0];
  for (let c = 0; c < columns; c++) {
    g.colX.push(x); g.colW.push(wide(c) ? each : NARROW);
    x += g.colW[c];
    g.gutX.push(x); g.gutW.push(gutter(c + 1, between));
    x += gutter(c + 1, between);
  }
  let y = GAP, previous = -1;
  data.rows.forEach((row, r) => {
    const up = row.up;
    g.depth[r] = up < 0 ? 0 : Math.min(5, g.depth[up] + 1);
    g.shown[r] = up < 0 || (g.shown[up] && open(up) !== false);
    g.top[r] = y;
    const tall = used(r) ? BOX + ((row.lanes ?? 1) - 1) * pitch(row.lanes ?? 1) : 0;
    if (g.shown[r]) {
      y += tall;
      if (previous >= 0) g.next[previous] = r;
      previous = r;
    }
    g.bottom[r] = y;
    if (g.shown[r] && open(r) !== null) { g.bar[r] = y + (tall ? 0.3 : 0); y += BAR; }
    if (g.shown[r]) y += GAP;
  });
  return Object.assign(g, { width: x, height: y });
}

function place(g, data, { c, r, l }) {
  const lanes = data.rows[r].lanes ?? 1, lane = Math.min(l, lanes - 1), narrow = g.colW[c] === NARROW;
  const indent = narrow ? 0 : g.depth[r] * INDENT, shift = narrow ? 0 : shiftOf(lanes);
  const left = g.colX[c] + indent + lane * shift, right = g.colX[c] + g.colW[c] - (lanes - 1 - lane) * shift;
  return { c, r, left, right, top: g.top[r] + (lanes - 1 - lane) * pitch(lanes) };
}

// ---- Routes: lines run in the gutters and between the rows, each group on a track of its own, never through text. ----
export function routes(g, list, at, free) {
  const plans = list.map((link) => plan(g, link, at, free));
  const gutters = new Map(), gaps = new Map();
  const note = (map, where, key, a, b) => {
    const tracks = map.get(where) ?? map.set(where, new Map()).get(where);
    const old = tracks.get(key) ?? [Infinity, -Infinity];
    tracks.set(key, [Math.min(old[0], a, b), Math.max(old[1], a, b)]);
  };
  for (const p of plans) {
    for (const v of p.vertical) note(gutters, v.gutter, p.key, v.from, v.to);
    if (p.gap !== null) note(gaps, p.gap, p.key, p.A.c, p.B.c);
  }
  const gutterTracks = new Map([...gutters].map(([where, m]) => [where, share(m)]));
  const gapTracks = new Map([...gaps].map(([where, m]) => [where, share(m)]));
  const x = (where, key) => {
    const { track, count } = gutterTracks.get(where), room = g.gutW[where] - 1.6;
    return g.gutX[where] + 0.8 + track.get(key) * Math.min(0.6, room / Math.max(1, count - 1));
  };
  const y = (where, key) => {
    const { track, count } = gapTracks.get(where);
    return where + (track.get(key) - (count - 1) / 2) * Math.min(0.25, 0.6 / count);
  };
  return plans.map((p) => ({ ...p.link, points: p.points(x, y) }));
}

// Lines that do not overlap may share a track; the shortest is nearest to the boxes.
function share(intervals) {
  const order = [...intervals].sort(([k, [a, b]], [m, [c, d]]) => (b - a) - (d - c) || (k < m ? -1 : 1));
  const tracks = [], track = new Map();
  for (const [key, [low, high]] of order) {
    let t = tracks.findIndex((taken) => taken.every(([a, b]) => high < a - 0.2 || low > b + 0.2));
    if (t < 0) t = tracks.push([]) - 1;
    tracks[t].push([low, high]);
    track.set(key, t);
  }
  return { track, count: tracks.length };
}

function plan(g, link, at, free) {
  const A = at(link.a), B = at(link.b), port = PORT[link.port ?? link.kind], ya = A.top + port, yb = B.top + port;
  const key = link.kind === "peer" ? `p${link.group}` : `${link.kind}${link.a}`, base = { link, A, B, key, gap: null };
  if (A.c === B.c) {
    const gutter = link.left ? A.c : A.c + 1, side = link.left ? "left" : "right";
    return { ...base, vertical: [{ gutter, from: ya, to: yb }],
      points: (x) => [[A[side], ya], [x(gutter, key), ya], [x(gutter, key), yb], [B[side], yb]] };
  }
  const forth = A.c < B.c, out = forth ? A.c + 1 : A.c, into = forth ? B.c : B.c + 1;
  const start = [forth ? A.right : A.left, ya], end = [forth ? B.left : B.right, yb];
  if (out === into || free(A.c, B.c, B.r)) {
    if (Math.abs(ya - yb) < 0.01) return { ...base, vertical: [], points: () => [start, end] };
    return { ...base, vertical: [{ gutter: out, from: ya, to: yb }],
      points: (x) => [start, [x(out, key), ya], [x(out, key), yb], end] };
  }
  // To a distant column: through the gap beside the receiver's row.
  const gap = ya <= yb ? g.top[B.r] - GAP / 2 : (g.bar[B.r] === undefined ? g.bottom[B.r] : g.bar[B.r] + BAR) + GAP / 2;
  return { ...base, gap, vertical: [{ gutter: out, from: ya, to: gap }, { gutter: into, from: gap, to: yb }],
    points: (x, y) => [start, [x(out, key), ya], [x(out, key), y(gap, key)], [x(into, key), y(gap, key)], [x(into, key), yb], end] };
}

function rounded(points, radius = 0.4) {
  const n = (v) => Math.round(v * 100) / 100, toward = ([x, y], [u, v], by) => {
    const far = Math.hypot(u - x, v - y) || 1, t = Math.min(by, far / 2) / far;
    return `${n(x + (u - x) * t)} ${n(y + (v - y) * t)}`;
  };
  let d = `M${n(points[0][0])} ${n(points[0][1])}`;
  for (let i = 1; i < points.length - 1; i++) {
    d += `L${toward(points[i], points[i - 1], radius)}Q${n(points[i][0])} ${n(points[i][1])} ${toward(points[i], points[i + 1], radius)}`;
  }
  return `${d}L${n(points.at(-1)[0])} ${n(points.at(-1)[1])}`;
}

// ---- Small helpers for the page. ----
const SVG = "http://www.w3.org/2000/svg";
function h(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [k, v] of Object.entries(attributes)) if (v !== null && v !== undefined && v !== false) node.setAttribute(k, v === true ? "" : v);
  node.append(...children.filter((c) => c !== null && c !== undefined));
  return node;
}
function svg(tag, attributes = {}) {
  const node = document.createElementNS(SVG, tag);
  for (const [k, v] of Object.entries(attributes)) node.setAttribute(k, v);
  return node;
}
const ICONS = { first: "M2 1H4V9H2zM9 1V9L4 5z", back: "M8 1V9L2 5z", play: "M2 1L9 5L2 9z", pause: "M2 1H4.2V9H2zM5.8 1H8V9H5.8z", forward: "M2 1L8 5L2 9z", last: "M1 1L6 5L1 9zM6 1H8V9H6z" };
const icon = (d) => { const s = svg("svg", { viewBox: "0 0 10 10", class: "icon", "aria-hidden": "true" }); s.append(svg("path", { d })); return s; };
const em = (v) => `${v.toFixed(3)}em`;
const middle = (text, most) => (text.length <= most || most < 5 ? text : `${text.slice(0, Math.ceil(most / 3))}…${text.slice(text.length - (most - 1 - Math.ceil(most / 3)))}`);
// A long path by its last names, as far as they fit: of a container's layers the ends tell them apart.
const fit = (path, most) => {
  if (path.length <= most) return path;
  const names = path.split("/"), from = names.findIndex((_, i) => i > 1 && `…/${names.slice(i).join("/")}`.length <= most);
  return from > 0 && from < names.length - 1 ? `…/${names.slice(from).join("/")}` : middle(path, most);
};
const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

// ---- The picture: one world, its prompt, narration and boxes. ----
function world(data, ui, kept = null) {
  const moments = data.commands.flatMap((command, c) => stepsOf(command).map((step, s) => ({ command: c, step: s, ...step })));
  const firstOf = [];
  moments.forEach((m, n) => { firstOf[m.command] ??= n; });
  const closed = new Set((data.closed ?? []).filter((r) => isInt(r, 0, data.rows.length)));
  const opened = new Set([...closed].filter((r) => kept?.opened.has(data.rows[r].path))), ever = new Set();
  const isNarrow = (c, was = kept?.wide.get(data.columns[c].ns)) => (was === undefined ? (data.narrow ?? []).includes(c) : !was);
  const narrow = new Set([...data.columns.keys()].filter((c) => isNarrow(c)));
  const deltas = [data.start ?? {}, ...moments.map((m) => m.d ?? {})];
  for (const delta of deltas) {
    for (const [, fields] of delta.set ?? []) if ("r" in fields) ever.add(fields.r);
    for (const [, r] of delta.empty ?? []) ever.add(r);
  }

  const state = blank(data), undo = [], running = new Set();
  let n = 0, grain = "events", g = null, chosen = null, marks = noMarks(), shownLinks = [];
  const boxEls = new Map(), slotEls = new Map(), linkEls = new Map(), ghosts = [], cells = new Map();

  const prompt = h("div", { class: "prompt" }), say = h("div", { class: "say" });
  const live = h("p", { "aria-live": "polite" }), rule = h("code", { class: "rule" });
  const longest = [WORDS.start, ...data.commands.map((c) => c.say ?? ""), ...moments.map((m) => m.say ?? "")]
    .reduce((a, b) => (String(b).length > a.length ? String(b) : a), "");
  say.append(h("p", { class: "ghosttext", "aria-hidden": "true" }, longest), live);
  const told = isObject(data.rules) ? data.rules : {};
  const widest = moments.map((m) => String(told[m.rule] ?? "")).reduce((a, b) => (b.length > a.length ? b : a), "");
  const law = h("p"), laws = h("div", { class: "law" }, h("p", { class: "ghosttext", "aria-hidden": "true" }, widest), law);
  const heads = h("div", { class: "heads" }), canvas = h("div", { class: "canvas" });
  const lines = svg("svg", { "aria-hidden": "true", class: "lines" }), guideLayer = svg("g", { class: "guides" });
  const linkLayer = svg("g"), hotLayer = svg("g", { class: "hot" });
  lines.append(guideLayer, linkLayer, hotLayer);
  const scroller = h("div", { class: "scroller" }, canvas);
  canvas.append(heads, lines);
  const columns = data.columns.map((column) => {
    const title = String(column.title ?? WORDS.namespace(column.ns));
    const el = h("div", { class: "column", role: "group", "aria-label": title });
    const head = h("div", { class: "head" }), guide = svg("path");
    const name = h("button", { type: "button", class: "name" }, title), tabs = h("span", { class: "tabs" });
    head.append(h("div", { class: "title" }, name, column.view ? h("span", { class: "view" }, WORDS.view(column.view)) : null), tabs);
    canvas.append(el); heads.append(head); guideLayer.append(guide);
    return { el, head, name, tabs, guide, title, items: [], bars: new Map() };
  });
  const el = h("div", { class: "world" }, prompt, h("div", { class: "narration" }, say, rule), widest ? laws : null, scroller);
  const mostLines = Math.min(6, Math.max(1, ...data.commands.map((c) => outputOf(c).split("\n").length + String(c.text ?? "").split("\n").length)));
  prompt.style.minHeight = `calc(${mostLines} * 1.5em + 1em)`;

  apply(state, data.start);
  for (const i of Object.keys(state.boxes)) cellAdd(Number(i));

  // Cells know which boxes stand in one place of one column: for stacks, guides and free ways.
  function cellAdd(i) { const k = cellKey(state.boxes[i]); (cells.get(k) ?? cells.set(k, new Set()).get(k)).add(i); }
  function cellDrop(i, box) { const k = cellKey(box); cells.get(k)?.delete(i); if (!cells.get(k)?.size) cells.delete(k); }
  function cellKey(box) { return `${box.c},${box.r}`; }
  const wide = (c) => !narrow.has(c);
  const openRow = (r) => (closed.has(r) ? opened.has(r) : null);
  const visible = (box) => g.shown[box.r];
  const at = (i) => place(g, data, state.boxes[i] ?? ghosts.find((x) => x.index === i).box);
  const name = (box) => `${state.columns[box.c].shells[0] ?? columns[box.c].title}:${data.rows[box.r].path}`;
  function free(a, b, r) {
    for (let c = Math.min(a, b) + 1; c < Math.max(a, b); c++) if (cells.has(`${c},${r}`) || isEmpty(state, cells, `${c},${r}`)) return false;
    return true;
  }

  // Moving: apply or undo differences up to the wanted moment, remembering what was touched.
  function seek(command, step, wanted, animate) {
    const target = command < 0 ? 0 : firstOf[command] + Math.min(step, stepsOf(data.commands[command]).length - 1) + 1;
    const touched = { boxes: new Set(marks.boxes()), columns: new Set(marks.column), cells: new Set() };
    stop();
    const forth = target > n, old = new Map();
    while (n !== target) {
      const delta = n < target ? moments[n].d ?? {} : undo[n - 1];
      for (const [i] of delta.set ?? []) if (state.boxes[i]) { old.set(i, state.boxes[i]); cellDrop(i, state.boxes[i]); }
      for (const i of delta.gone ?? []) if (state.boxes[i]) { old.set(i, state.boxes[i]); cellDrop(i, state.boxes[i]); }
      if (n < target) undo[n++] = apply(state, delta);
      else apply(state, undo[--n]);
      for (const i of [...(delta.set ?? []).map(([x]) => x), ...(delta.gone ?? [])]) {
        touched.boxes.add(i);
        if (state.boxes[i]) cellAdd(i);
      }
      for (const [c] of [...(delta.shells ?? []), ...(delta.live ?? [])]) touched.columns.add(c);
      for (const [c] of delta.live ?? []) for (const k of Object.keys(state.empty)) if (Number.parseInt(k, 10) === c) touched.cells.add(k);
      for (const [c, r] of delta.empty ?? []) { touched.cells.add(`${c},${r}`); touched.columns.add(c); }
    }
    grain = wanted;
    marks = marksNow();
    for (const i of marks.boxes()) touched.boxes.add(i);
    for (const c of marks.column) touched.columns.add(c);
    for (const i of touched.boxes) for (const box of [state.boxes[i], old.get(i)]) if (box) { touched.columns.add(box.c); touched.cells.add(cellKey(box)); }
    paint(touched);
    if (animate) reveal();
    if (animate && forth && !still()) fly(old);
  }

  // What happens outside the visible part of a large picture is brought into it, and nothing moves otherwise.
  function reveal() {
    const i = [...marks.tags.keys(), ...marks.skips.map((x) => x.index)].find((x) => boxEls.has(x));
    if (i === undefined) return;
    const box = boxEls.get(i).item.getBoundingClientRect(), view = scroller.getBoundingClientRect(), head = heads.offsetHeight;
    const by = (low, high, start, end) => (low < start ? low - start : high > end ? Math.min(high - end, low - start) : 0);
    const left = by(box.left - 20, box.right + 20, view.left, view.right), top = by(box.top - 20, box.bottom + 60, view.top + head, view.bottom);
    if (left || top) scroller.scrollBy({ left, top, behavior: still() ? "instant" : "smooth" });
  }

  // Marks: what happened in this step (or in this whole command), by box.
  function noMarks() { return { tags: new Map(), skips: [], hot: [], gone: [], column: new Set(), boxes: () => [] }; }
  function marksNow() {
    const m = noMarks();
    if (n === 0) return m;
    const last = moments[n - 1], from = grain === "commands" ? firstOf[last.command] : n - 1;
    for (let k = from; k < n; k++) {
      const act = isObject(moments[k].act) ? moments[k].act : { kind: "none" }, back = undo[k];
      const about = asList(act.box).filter((i) => Number.isInteger(i));
      if (act.kind === "namespace") for (const i of back.gone) if (state.boxes[i]) m.column.add(state.boxes[i].c);
      if (act.kind !== "namespace") for (const i of back.gone) if (state.boxes[i]) m.tags.set(i, "made");
      for (const i of about) {
        if (state.boxes[i] && act.kind in WORDS.tags && !m.tags.has(i) && act.kind !== "gone") m.tags.set(i, act.kind);
        if (state.boxes[i] && state.boxes[act.from] && (act.kind === "copy" || act.kind === "skip")) m.hot.push({ kind: "hot", port: state.boxes[i].ma ? "slave" : "peer", what: act.kind, a: act.from, b: i });
        if (act.kind === "skip" && state.boxes[i]) m.skips.push({ index: i, text: String(moments[k].say ?? "") });
      }
      for (const [i, box] of back.set) if (!state.boxes[i] && isInt(box.c, 0, data.columns.length) && "fs" in box) m.gone.push({ index: i, box });
    }
    m.hot = m.hot.filter(({ a, b }) => a !== b);
    m.boxes = () => [...m.tags.keys(), ...m.gone.map((x) => x.index)];
    return m;
  }

  // Painting: only what was touched.
  function paint(touched) {
    for (const i of touched.boxes) paintBox(i);
    for (const k of touched.cells) {
      paintSlot(k);
      for (const i of cells.get(k) ?? []) if (state.boxes[i].hid && !touched.boxes.has(i)) paintBox(i);
    }
    paintGhosts();
    for (const c of touched.columns) { paintGuide(c); paintHead(c); }
    paintTyping();
    paintBars();
    paintLinks();
    paintWords();
    paintCallouts();
    choose(chosen);
  }

  function insert(column, item, key) {
    let low = 0, high = column.items.length;
    while (low < high) { const mid = (low + high) >> 1; if (column.items[mid].key < key) low = mid + 1; else high = mid; }
    column.el.insertBefore(item, column.items[low]?.item ?? null);
    column.items.splice(low, 0, { item, key });
  }
  function lift(column, item) { column.items.splice(column.items.findIndex((x) => x.item === item), 1); }
  function remove(map, key) {
    const had = map.get(key);
    if (!had) return;
    lift(columns[had.c], had.item);
    // Focus must not fall out of the picture when the focused box goes.
    if (had.item === document.activeElement) ui.root.focus({ preventScroll: true });
    had.item.remove();
    map.delete(key);
  }
  // Reading order in a column: down the rows, and in a stack from the top mount to the lowest.
  const orderOf = (box) => box.r * 128 + 64 - box.l;

  function paintBox(i) {
    const box = state.boxes[i];
    if (!box || !visible(box)) return remove(boxEls, i);
    const order = box.c * 1e7 + orderOf(box);
    let had = boxEls.get(i);
    if (had && had.order !== order) {
      const hadFocus = had.item === document.activeElement;
      lift(columns[had.c], had.item);
      had.c = box.c; had.order = order;
      insert(columns[box.c], had.item, orderOf(box));
      if (hadFocus) had.item.focus({ preventScroll: true });
    }
    if (!had) {
      const item = h("button", { type: "button", "data-box": i, "aria-pressed": "false" });
      boxEls.set(i, had = { item, c: box.c, order });
      insert(columns[box.c], item, orderOf(box));
    }
    dress(had.item, box, marks.tags.get(i));
  }

  function dress(item, box, mark) {
    const p = place(g, data, box), fs = data.filesystems[box.fs], row = data.rows[box.r], isWide = wide(box.c);
    const covered = box.hid && [...(cells.get(cellKey(box)) ?? [])].some((j) => state.boxes[j].l > box.l);
    if (mark === "made" && covered) mark = "tuck";
    const ro = String(box.opt ?? "").split(",").includes("ro"), root = String(box.root ?? "/");
    const badges = [box.sh && ["sh", WORDS.peer(box.sh), WORDS.said.peer(box.sh)], box.ma && ["ma", WORDS.slave(box.ma), WORDS.said.slave(box.ma)], box.ub && ["ub", WORDS.unbindable],
      !box.sh && !box.ma && !box.ub && ["quiet", WORDS.private]].filter(Boolean);
    const label = String(row.label ?? row.path), unseen = (t) => (t ? h("span", { class: "unseen" }, ` ${t} `) : null);
    const budget = (p.right - p.left - 1.2) / 0.6 - badges.reduce((sum, [, t]) => sum + t.length * 0.9 + 1.6, 0);
    item.className = `box fs${Math.abs(Number.parseInt(fs.colour, 10) || 0) % 8}${box.hid ? " hid" : ""}${covered ? " covered" : ""}${mark ? ` mark ${mark}` : ""}${isWide ? "" : " thin"}`;
    Object.assign(item.style, { left: em(p.left), top: em(p.top), width: em(p.right - p.left), height: em(BOX), zIndex: 1 + box.l });
    const chips = [ro && WORDS.readOnly, box.hid && (covered ? WORDS.covered : WORDS.hidden)].filter(Boolean);
    const glyph = h("span", { class: "glyph" }, String(fs.glyph ?? "●"));
    item.replaceChildren(...(isWide ? [
      h("span", { class: "one" }, h("span", { class: "path" }, fit(label, Math.floor(budget))), unseen(label !== row.path && row.path), ...badges.map(([k, t, said]) => h("span", { class: `badge ${k}` }, t, unseen(said)))),
      h("span", { class: "two" }, glyph, unseen(fs.type), h("span", { class: "source" }, String(fs.source ?? ""), root === "/" ? null : h("span", { class: "root" }, ` ${root}`)), ...chips.map((t) => h("span", { class: "chip" }, t))),
    ] : [glyph, unseen([row.path, fs.type, fs.source, ...badges.map(([, t, said]) => said ?? t), ...chips].join(", "))]), ...(mark ? [h("span", { class: "tag" }, WORDS.tags[mark])] : []));
    item.title = `${row.path} (${fs.source}${root === "/" ? "" : ` ${root}`})`;
  }

  function paintSlot(k) {
    const [c, r] = k.split(",").map(Number);
    if (!isEmpty(state, cells, k) || !g.shown[r]) return remove(slotEls, k);
    let had = slotEls.get(k);
    if (!had) {
      const item = h("button", { type: "button", class: "slot", "data-slot": k, "aria-pressed": "false" }, h("span", {}, WORDS.notHere), h("span", { class: "unseen" }, WORDS.said.slot(data.rows[r].path)));
      slotEls.set(k, had = { item, c });
      insert(columns[c], item, r * 128 + 127);
    }
    const p = place(g, data, { c, r, l: 0 });
    had.item.classList.toggle("thin", !wide(c));
    Object.assign(had.item.style, { left: em(p.left), top: em(p.top + BOX * 0.2), width: em(p.right - p.left), height: em(BOX * 0.6) });
  }

  function paintGhosts() {
    while (ghosts.length) ghosts.pop().item.remove();
    for (const { index, box } of marks.gone) {
      if (!visible(box)) continue;
      const item = h("div", { "aria-hidden": "true" });
      dress(item, box, "gone");
      columns[box.c].el.append(item);
      ghosts.push({ index, box, item });
    }
  }

  function paintGuide(c) {
    let d = "";
    if (wide(c)) data.rows.forEach((row, r) => {
      if (!g.shown[r] || !(cells.has(`${c},${r}`) || slotEls.has(`${c},${r}`))) return;
      let up = row.up;
      while (up >= 0 && !cells.has(`${c},${up}`)) up = data.rows[up].up;
      if (up < 0) return;
      const x = g.colX[c] + g.depth[up] * INDENT + 0.5, y = g.bottom[r] - BOX / 2;
      if (g.depth[r] > g.depth[up]) d += `M${x.toFixed(2)} ${g.bottom[up].toFixed(2)}V${y.toFixed(2)}H${(g.colX[c] + g.depth[r] * INDENT).toFixed(2)}`;
    });
    columns[c].guide.setAttribute("d", d);
  }

  function paintHead(c) {
    const column = columns[c], { live: isLive, shells } = state.columns[c];
    const state_ = isLive ? null : everLive(c) ? WORDS.ended : WORDS.notYet;
    column.head.classList.toggle("off", !isLive);
    column.head.classList.toggle("thin", !wide(c));
    column.head.classList.toggle("mark", marks.column.has(c));
    column.head.style.left = em(g.colX[c]);
    column.head.style.width = em(g.colW[c]);
    column.name.textContent = wide(c) ? column.title : String(data.columns[c].ns ?? c + 1);
    column.name.setAttribute("aria-expanded", String(wide(c)));
    column.name.setAttribute("aria-label", wide(c) ? column.title : WORDS.widen(column.title));
    column.tabs.replaceChildren(...(!wide(c) ? [] : state_ ? [h("span", { class: "none" }, state_)]
      : shells.length ? shells.map((s) => h("span", { class: s.includes(" ") ? "tab holder" : "tab", "data-shell": s }, s)) : [h("span", { class: "none" }, WORDS.noShell)]));
    column.el.setAttribute("aria-label", [column.title, state_ ?? shells.join(", ")].join(": "));
  }
  const everLive = (c) => deltas.slice(0, n + 1).some((d) => (d.live ?? []).some(([x, on]) => x === c && on));

  function paintTyping() {
    const shell = n ? data.commands[moments[n - 1].command].shell : null;
    for (const tab of heads.querySelectorAll(".tab")) {
      const on = tab.dataset.shell === shell;
      tab.classList.toggle("on", on);
      tab.title = on ? WORDS.types : "";
    }
    for (const column of columns) column.head.classList.toggle("now", Boolean(column.tabs.querySelector(".on")));
  }

  // A folded part of the tree: one bar with the number of mounts in it, and what changed inside.
  function paintBars() {
    if (!closed.size) return;
    const counts = new Map(), fresh = new Map();
    const each = (box, map) => {
      for (let r = data.rows[box.r].up; r >= 0; r = data.rows[r].up) if (closed.has(r)) map.set(`${box.c},${r}`, (map.get(`${box.c},${r}`) ?? 0) + 1);
    };
    for (const box of Object.values(state.boxes)) each(box, counts);
    for (const i of marks.tags.keys()) if (!visible(state.boxes[i])) each(state.boxes[i], fresh);
    for (const { box } of marks.gone) if (!visible(box)) each(box, fresh);
    for (const r of closed) columns.forEach((column, c) => paintBar(column, c, r, counts, fresh));
  }
  function paintBar(column, c, r, counts, fresh) {
    const here = counts.get(`${c},${r}`) ?? 0, changed = fresh.get(`${c},${r}`) ?? 0;
    let bar = column.bars.get(r);
    if (!g.shown[r] || !here) {
      if (bar) { lift(column, bar); bar.remove(); column.bars.delete(r); }
      return;
    }
    if (!bar) {
      bar = h("button", { type: "button", class: "bar", "data-fold": r });
      column.bars.set(r, bar);
      insert(column, bar, r * 128 + 127.5);
    }
    // Of a long path the last part tells most.
    const tail = String(data.rows[r].label).replace(/^.+\/(?=[^/]+$)/, "…/");
    const label = WORDS.folded(data.rows[r].path, here, changed), sign = opened.has(r) ? "▾" : "▸";
    bar.replaceChildren(...(wide(c) ? [h("span", {}, sign), h("span", { class: "path" }, tail), h("span", {}, g.colW[c] > 16 ? WORDS.mounts(here) : here)] : [h("span", {}, `${sign}${here}`)]),
      ...(changed && !opened.has(r) ? [h("span", { class: "chip" }, WORDS.changed(changed))] : []), h("span", { class: "unseen" }, label));
    bar.title = label;
    bar.setAttribute("aria-expanded", String(opened.has(r)));
    const left = g.colX[c] + (wide(c) ? g.depth[r] * INDENT : 0);
    Object.assign(bar.style, { left: em(left), top: em(g.bar[r]), width: em(g.colX[c] + g.colW[c] - left), height: em(BAR - 0.2) });
  }

  function paintLinks() {
    const inView = (i) => state.boxes[i] && visible(state.boxes[i]);
    const list = links(state).filter((l) => inView(l.a) && inView(l.b));
    const leftOf = new Set(list.filter((l) => l.kind === "peer" && state.boxes[l.b].c - state.boxes[l.a].c === 1).map((l) => `${l.group},${state.boxes[l.b].c}`));
    for (const l of list) l.left = l.kind === "peer" && leftOf.has(`${l.group},${state.boxes[l.a].c}`);
    shownLinks = list;
    const seen = new Set();
    for (const r of routes(g, list, at, free)) {
      const key = `${r.kind}${r.a},${r.b}`, d = rounded(r.points);
      seen.add(key);
      let path = linkEls.get(key);
      if (!path) linkLayer.append(path = svg("path", r.kind === "slave" ? { "marker-end": `url(#${ui.arrow}slave)` } : {})), linkEls.set(key, path);
      const attributes = { d, class: `link ${r.kind}${state.boxes[r.a].hid && state.boxes[r.b].hid ? " quiet" : ""}`, "data-a": r.a, "data-b": r.b, "data-group": r.group };
      const look = Object.values(attributes).join();
      if (path.look === look) continue;
      path.look = look;
      for (const [k, v] of Object.entries(attributes)) path.setAttribute(k, v);
    }
    for (const [key, path] of linkEls) if (!seen.has(key)) { path.remove(); linkEls.delete(key); }
    const hot = grain === "commands" ? [] : marks.hot.filter((l) => inView(l.a) && inView(l.b));
    hotLayer.replaceChildren(...routes(g, hot, at, free).map((r) => svg("path", { d: rounded(r.points), class: `hot ${r.what}`, "marker-end": `url(#${ui.arrow}${r.what})` })));
  }

  function paintCallouts() {
    for (const old of canvas.querySelectorAll(".callout")) old.remove();
    if (marks.skips.length > 2) return;
    for (const { index, text } of marks.skips) {
      const box = state.boxes[index];
      if (!visible(box)) continue;
      const p = place(g, data, box), width = Math.max(15, p.right - p.left);
      const callout = h("div", { class: "callout", "aria-hidden": "true" }, h("span", {}, `✕ ${text}`));
      columns[box.c].el.append(callout);
      const sides = p.top + BOX + 4.6 > g.height && p.top > 5 ? [true, false] : [false, true];
      if (!sides.some((above) => {
        callout.classList.toggle("above", above);
        Object.assign(callout.style, { left: em(Math.min(p.left, g.width - width - 0.5)), top: em(above ? p.top - 0.9 : p.top + BOX + 0.35), width: em(width) });
        return isFree(callout, box.c, index);
      })) callout.remove();
    }
  }

  // A reason must not lie over a mount: where there is no room, the sign on the box and the sentence above say it.
  function isFree(callout, column, own) {
    const a = callout.getBoundingClientRect(), top = canvas.getBoundingClientRect().top + heads.offsetHeight;
    return a.top >= top && Object.entries(state.boxes).every(([i, box]) => {
      const item = Number(i) !== own && box.c === column && boxEls.get(Number(i))?.item;
      const b = item && item.getBoundingClientRect();
      return !b || a.bottom <= b.top || b.bottom <= a.top || a.right <= b.left || b.right <= a.left;
    });
  }

  function outputOf(command) { return [command.out, command.err].map((t) => String(t ?? "").replace(/\n$/, "")).filter(Boolean).join("\n"); }
  function paintWords() {
    const moment = n ? moments[n - 1] : null, command = moment && data.commands[moment.command];
    const shell = String(command?.shell ?? data.commands[0]?.shell ?? "");
    const text = h("div", { class: "typed" }, h("span", { class: "shell" }, `${shell}#`), " ", h("span", { class: "text" }, String(command?.text ?? "")));
    if (command) {
      const bad = Number(command.exit) !== 0;
      text.append(h("span", { class: bad ? "exit bad" : "exit" }, WORDS.exit(Number(command.exit) || 0) + (command.errno ? ` (${command.errno})` : "")));
    }
    const out = String(command?.out ?? "").replace(/\n$/, ""), err = String(command?.err ?? "").replace(/\n$/, "");
    prompt.hidden = !data.commands.length;
    prompt.replaceChildren(text);
    if (out || err) {
      const pre = h("pre", {}, ...[out, err && h("span", { class: "err" }, `${out ? "\n" : ""}${err}`)].filter(Boolean));
      prompt.append(pre);
      if (pre.scrollHeight > pre.clientHeight + 1) pre.tabIndex = 0;
    }
    const sentence = !moment ? (data.commands.length ? WORDS.start : WORDS.noCommands)
      : String((grain === "commands" && command.say) || moment.say || command.say || "");
    if (live.textContent !== sentence) live.textContent = sentence;
    rule.textContent = grain === "events" && moment?.rule ? String(moment.rule) : "";
    law.textContent = String(told[rule.textContent] ?? "");
  }

  // Animation: a copy comes from its original; a mount that moved comes from where it was.
  function fly(old) {
    const from = new Map(marks.hot.filter((x) => x.what === "copy").map((x) => [x.b, state.boxes[x.a]]));
    for (const [i, box] of old) if (state.boxes[i] && (box.c !== state.boxes[i].c || box.r !== state.boxes[i].r || box.l !== state.boxes[i].l)) from.set(i, box);
    for (const [i, box] of from) {
      const had = boxEls.get(i);
      if (!had || !visible(box)) continue;
      had.item.classList.add("flying");
      slide(had.item, place(g, data, box), place(g, data, state.boxes[i]), 0.5);
    }
    for (const [i, mark] of marks.tags) if (!from.has(i) && mark !== "skip" && boxEls.has(i)) run(boxEls.get(i).item, [{ opacity: 0 }, { opacity: 1 }], 200);
  }
  function run(item, frames, duration) {
    const animation = item.animate(frames, { duration, easing: "ease-in-out" });
    running.add(animation);
    animation.onfinish = animation.oncancel = () => { running.delete(animation); item.classList.remove("flying"); };
  }
  function slide(item, from, to, opacity) {
    run(item, [{ transform: `translate(${em(from.left - to.left)}, ${em(from.top - to.top)})`, opacity }, { transform: "none", opacity: 1 }], 380);
  }
  function stop() { for (const animation of [...running]) animation.cancel(); }

  // Choosing: the details of one mount or empty place, its group in the picture.
  function choose(what) {
    if (!what && !chosen) return;
    chosen = what;
    const box = what?.box === undefined ? null : state.boxes[what.box];
    const members = new Set(), groups = new Set();
    if (box) {
      for (const l of shownLinks) if (l.group === box.sh || (l.kind === "peer" && l.group === box.ma) || (l.kind === "slave" && l.b === what.box)) groups.add(`${l.kind}${l.a},${l.b}`);
      for (const [i, b] of Object.entries(state.boxes)) if ((b.sh && (b.sh === box.sh || b.sh === box.ma)) || (b.ma && b.ma === box.sh)) members.add(Number(i));
    }
    el.classList.toggle("choosing", Boolean(box) && members.size > 0);
    for (const [i, { item }] of boxEls) {
      item.classList.toggle("chosen", i === what?.box);
      item.classList.toggle("related", members.has(i));
      item.setAttribute("aria-pressed", String(i === what?.box && Boolean(what.pinned)));
    }
    for (const [k, { item }] of slotEls) {
      item.classList.toggle("chosen", k === what?.slot);
      item.setAttribute("aria-pressed", String(k === what?.slot && Boolean(what.pinned)));
    }
    for (const [key, path] of linkEls) path.classList.toggle("related", groups.has(key));
  }

  function layout() {
    const size = parseFloat(getComputedStyle(el).fontSize) || 13;
    g = measure(data, { open: openRow, wide, width: (scroller.clientWidth || 800) / size, used: (r) => ever.has(r) });
    // Room for what is said below a mount in the last row.
    if (moments.some((m) => m.act?.kind === "skip")) g.height += 2.6;
    Object.assign(canvas.style, { width: em(g.width), height: em(g.height + 3.6) });
    lines.setAttribute("viewBox", `0 0 ${g.width.toFixed(3)} ${g.height.toFixed(3)}`);
    Object.assign(lines.style, { width: em(g.width), height: em(g.height) });
    const all = new Set([...Object.keys(state.boxes).map(Number), ...boxEls.keys()]);
    paint({ boxes: all, columns: new Set(columns.keys()), cells: new Set([...Object.keys(state.empty), ...slotEls.keys()]) });
  }

  const unfold = (r) => { if (opened.has(r)) opened.delete(r); else opened.add(r); layout(); };
  const widen = (c) => { if (narrow.has(c)) narrow.delete(c); else narrow.add(c); layout(); };
  columns.forEach((column, c) => column.name.addEventListener("click", () => widen(c)));
  // What a new version of the same trace takes over: what is unfolded, scrolled, and where each mount was.
  const keyOf = (box) => JSON.stringify([data.columns[box.c].ns, data.columns[box.c].view ?? null, data.rows[box.r].path, box.id ?? null]);
  const key = (what) => (what.slot === undefined ? state.boxes[what.box] && keyOf(state.boxes[what.box]) : keyOf(slotOf(what.slot)));
  const slotOf = (k) => ({ c: Number(k.split(",")[0]), r: Number(k.split(",")[1]) });
  function find(wanted) {
    const box = Object.keys(state.boxes).find((i) => keyOf(state.boxes[i]) === wanted);
    if (box !== undefined) return { box: Number(box) };
    const slot = Object.keys(state.empty).find((k) => isEmpty(state, cells, k) && keyOf(slotOf(k)) === wanted);
    return slot === undefined ? null : { slot };
  }
  const places = () => new Map([...boxEls.keys()].map((i) => [keyOf(state.boxes[i]), place(g, data, state.boxes[i])]));
  function settle(old) {
    if (!old || still()) return;
    for (const [i, { item }] of boxEls) {
      const was = old.get(keyOf(state.boxes[i])), now = place(g, data, state.boxes[i]);
      if (was && !item.classList.contains("flying") && (was.left !== now.left || was.top !== now.top)) slide(item, was, now, 1);
    }
  }
  const keep = () => ({ opened: new Set([...opened].map((r) => data.rows[r].path)), wide: new Map(data.columns.map((c, i) => [c.ns, wide(i)])), left: scroller.scrollLeft, top: scroller.scrollTop });
  return { el, data, deltas, state, seek, layout, choose, stop, unfold, name, key, find, places, settle, kept: keep, text: (i) => String(data.texts?.[i] ?? ""), because: (i) => String(data.because?.[i] ?? ""),
    scroll: () => { if (kept) scroller.scrollTo({ left: kept.left, top: kept.top, behavior: "instant" }); } };
}

// ---- Details: one mount's line with every field in words, its group, and why it is here; or why it is not. ----
function describe(w, what) {
  const title = (text, pin) => h("div", { class: "dtitle" }, h("strong", {}, text), pin ? h("span", { class: "pin" }, WORDS.pinned) : null);
  const why = (heading, indexes) => {
    const links = asList(indexes).filter(w.text);
    const link = (i) => h("li", {}, w.text(i), ...(w.because(i) ? [" ", h("code", { class: "rule" }, w.because(i))] : []));
    return links.length ? [h("h5", {}, heading), h("ol", {}, ...links.map(link))] : [];
  };
  if (what.slot !== undefined) {
    const [c, r] = what.slot.split(",").map(Number), texts = w.state.empty[what.slot];
    return [title(w.name({ c, r }), what.pinned), ...(texts?.length ? why(WORDS.whyNot, texts) : [h("p", {}, texts ? WORDS.noReason : WORDS.notEmpty)])];
  }
  const box = w.state.boxes[what.box];
  if (!box) return [h("p", {}, WORDS.vanished)];
  const fs = w.data.filesystems[box.fs], all = Object.entries(w.state.boxes).map(([i, b]) => ({ ...b, index: Number(i) })).sort(before);
  const parent = all.find((b) => b.c === box.c && b.id === box.up && b.index !== what.box && box.up !== null);
  const group = (g) => all.filter((b) => b.sh === g && b.index !== what.box).map((b) => w.name(b)).join(", ") || WORDS.nobody;
  const shown = (v) => (v === null || v === undefined || v === "" ? "?" : String(v));
  const fields = [["id", shown(box.id)], ["parent", shown(box.up), parent && w.name(parent)], ["dev", shown(fs.dev), `${fs.glyph} ${fs.source}`], ["root", shown(box.root), String(box.root)],
    ["mountpoint", w.data.rows[box.r].path], ["options", shown(box.opt), String(box.opt)], box.sh && ["shared", `shared:${box.sh}`, box.sh], box.ma && ["master", `master:${box.ma}`, box.ma],
    box.pf && ["from", `propagate_from:${box.pf}`, box.pf], box.ub && ["unbindable", "unbindable"], ["dash", "-"], ["type", shown(fs.type)], ["source", shown(fs.source)], ["super", shown(box.sopt)]].filter(Boolean);
  const decoded = fields.map(([key, value, about]) => h("div", { class: "field" }, h("dt", {}, h("code", {}, value), h("span", {}, WORDS.fields[key][0])), h("dd", {}, WORDS.fields[key][1](about))));
  return [h("div", {}, title(w.name(box), what.pinned),
    ...(box.sh ? [h("p", { class: "members" }, h("strong", {}, `${WORDS.peersOf(box.sh)}: `), group(box.sh))] : []),
    ...(box.ma ? [h("p", { class: "members" }, h("strong", {}, `${WORDS.mastersOf(box.ma)}: `), group(box.ma))] : []),
    ...why(WORDS.why, box.why)), h("div", {}, h("h5", {}, WORDS.line), h("pre", { class: "line" }, fields.map(([, value]) => value).join(" ")), h("dl", {}, ...decoded))];
}

// ---- Compare: the simulator's table beside the kernel's, with what differs marked by a sign and a colour. ----
function compare(entry, command) {
  if (command < 0) return [h("p", {}, WORDS.kernel.start)];
  if (!isObject(entry)) return [h("p", {}, WORDS.kernel.none)];
  const ours = String(entry.ours ?? "").split("\n"), theirs = String(entry.theirs ?? "").split("\n");
  const table = (title, mine, other) => h("div", {}, h("h5", {}, title), h("pre", { tabindex: 0, role: "region", "aria-label": title },
    ...mine.map((line) => (other.includes(line) ? h("span", {}, `  ${line}\n`) : h("mark", {}, `≠ ${line}\n`)))));
  const differs = entry.differs ?? (ours.join("\n") === theirs.join("\n") ? null : "");
  return [h("p", { class: differs === null ? "same" : "differs" }, differs === null ? WORDS.kernel.same : WORDS.kernel.differs(String(differs))),
    h("div", { class: "tables" }, table(WORDS.kernel.ours, ours, theirs), table(WORDS.kernel.theirs, theirs, ours))];
}

// ---- The stepper: worlds, controls and keys put together; one place, {command, step}, for all of it. ----
let serial = 0;

export function draw(el, data, options = {}) {
  const listeners = new AbortController(), root = h("div", { class: "mlstep", tabindex: 0, role: "group" });
  const ui = { root, arrow: `mlstep-arrow-${++serial}` };
  let worlds = [], timeline = [], n = 0, grain = options.grain === "commands" || data?.grain === "commands" ? "commands" : "events";
  let chosen = null, timer = null, parts = {}, mostSteps = [];
  const style = document.createElement("style");
  style.textContent = STYLE;
  el.replaceChildren(style, root);

  function build(next) {
    pause();
    const kept = worlds.map((w) => w.kept());
    data = next;
    const wrong = attempt(() => problem(data));
    worlds = []; timeline = []; chosen = null; n = 0;
    if (wrong) return refuse(wrong);
    try { assemble(kept); } catch (error) { console.error(error); refuse(WORDS.broken); }
  }
  function refuse(sentence) {
    worlds = [];
    root.replaceChildren(h("p", { class: "bad", role: "alert" }, WORDS.bad(sentence)));
  }
  function attempt(check) { try { return check(); } catch { return WORDS.broken; } }
  function assemble(kept) {
    const frames = data.pair ?? [data];
    const most = Math.max(...frames.map((f) => f.commands.length));
    mostSteps = Array.from({ length: most }, (_, c) => Math.max(...frames.map((f) => (f.commands[c] ? stepsOf(f.commands[c]).length : 0))));
    timeline = mostSteps.flatMap((count, command) => Array.from({ length: count }, (_, step) => ({ command, step })));
    worlds = frames.map((f, i) => world(f, ui, kept[i]));
    const { list, help } = parts;
    parts = furnish(frames);
    parts.list.open = Boolean(list?.open);
    parts.help.open = Boolean(help?.open);
    root.setAttribute("aria-label", WORDS.title(String(data.name ?? frames[0].name ?? "")));
    root.replaceChildren(arrows(), ...parts.all);
    for (const w of worlds) { w.layout(); w.scroll(); }
    details();
  }

  function arrows() {
    const holder = svg("svg", { class: "defs", "aria-hidden": "true" });
    for (const [id, cls] of ["slave", "copy", "skip"].map((kind) => [`${ui.arrow}${kind}`, `head ${kind}`])) {
      const marker = svg("marker", { id, viewBox: "0 0 10 10", refX: 9.5, refY: 5, markerWidth: 0.75, markerHeight: 0.75, markerUnits: "userSpaceOnUse", orient: "auto" });
      marker.append(svg("path", { d: "M0 0.5L10 5L0 9.5z", class: cls }));
      holder.append(marker);
    }
    return holder;
  }

  function furnish(frames) {
    const button = (label, act, glyph) => {
      const b = h("button", { type: "button", class: "control" }, icon(glyph), h("span", { class: "label" }, label));
      b.addEventListener("click", act);
      return b;
    };
    const p = { first: button(WORDS.first, () => go(0), ICONS.first), back: button(WORDS.back, () => back(), ICONS.back), play: button(WORDS.play, () => toggle(), ICONS.play),
      forward: button(WORDS.forward, () => forward(), ICONS.forward), last: button(WORDS.last, () => go(timeline.length), ICONS.last) };
    p.play.classList.add("play");
    p.scrub = h("input", { type: "range", min: 0, max: 0, value: 0, "aria-label": WORDS.scrub });
    p.scrub.addEventListener("input", () => go(grain === "events" ? Number(p.scrub.value) : endOf(Number(p.scrub.value) - 1)));
    p.where = h("span", { class: "where" });
    p.grains = ["commands", "events"].map((g) => {
      const b = h("button", { type: "button", class: "grain", "data-grain": g }, WORDS[g]);
      b.addEventListener("click", () => { grain = g; go(n); });
      return b;
    });
    p.jumps = frames[0].commands.map((command, c) => {
      const b = h("button", { type: "button" }, h("span", { class: "shell" }, `${command.shell}#`), ` ${command.text}`);
      b.addEventListener("click", () => go(endOf(c)));
      return h("li", {}, b);
    });
    p.list = h("details", { class: "list" }, h("summary", {}, WORDS.list), h("ol", {}, ...p.jumps));
    p.help = h("details", { class: "keys" }, h("summary", {}, WORDS.keys), h("dl", {}, ...WORDS.keyList.flatMap(([k, t]) => [h("dt", {}, h("kbd", {}, k)), h("dd", {}, t)])));
    p.details = h("div", { class: "inner", role: "region", tabindex: 0, "aria-label": WORDS.details });
    p.spoken = h("p", { class: "unseen", "aria-live": "polite" });
    p.controls = h("div", { class: "controls" }, p.first, p.back, p.play, p.forward, p.last, h("span", { class: "grains", role: "group", "aria-label": WORDS.grain }, ...p.grains), p.scrub, p.where);
    p.compare = isList(data.kernel) ? h("section", { class: "compare", "aria-label": WORDS.kernel.title }) : null;
    const titled = worlds.map((w, i) => (data.pair ? h("section", { class: "half", "aria-label": String(data.titles?.[i] ?? w.data.name) }, h("h4", {}, String(data.titles?.[i] ?? w.data.name ?? "")), w.el) : w.el));
    const tables = frames.filter((f) => f.tables).map((f) => h("details", { class: "final" }, h("summary", {}, WORDS.tables), h("pre", { tabindex: 0 }, String(f.tables))));
    const hasSteps = timeline.length > 0;
    p.main = h("div", { class: data.pair ? "worlds pair" : "worlds" }, ...titled);
    const stage = h("div", { class: "stage" }, h("div", { class: "left" }, p.main, legend(), hasSteps ? p.controls : null), h("div", { class: "details" }, p.details));
    p.all = [stage, p.spoken, p.compare, hasSteps ? h("div", { class: "below" }, p.list, p.help) : null, ...tables].filter(Boolean);
    return p;
  }

  function legend() {
    const sample = (kind) => { const s = svg("svg", { viewBox: "0 0 26 10", class: "sample", "aria-hidden": "true" });
      s.append(svg("path", { d: "M1 5H25", class: `link ${kind}` }));
      if (kind === "slave") s.append(svg("path", { d: "M19 1.5L26 5L19 8.5z", class: "head" }));
      return s; };
    const words = WORDS.legend, deltas = worlds.flatMap((w) => w.deltas), uses = (f) => deltas.some((d) => (d.set ?? []).some(([, fields]) => fields[f]));
    const entries = [[`● ${words.fs}`], uses("sh") && [words.peer], uses("sh") && [sample("peer"), words.peers], uses("ma") && [words.slave], uses("ma") && [sample("slave"), words.master],
      uses("ub") && [words.unbindable], deltas.some((d) => d.empty?.length) && [h("i", { class: "dashed" }), words.slot]];
    return h("p", { class: "legend" }, ...entries.filter(Boolean).map((entry) => h("span", {}, ...entry)));
  }

  // Moving. n counts moments: 0 is the start; the grain decides how far a step goes.
  const endOf = (command) => timeline.findLastIndex((t) => t.command <= command) + 1;
  const position = () => (n ? { ...timeline[n - 1] } : { command: -1, step: 0 });
  function go(target, { animate = true, quiet = false, all = false } = {}) {
    if (!worlds.length) return;
    if (!quiet) pause();
    n = Math.max(0, Math.min(timeline.length, Number.isFinite(target) ? target : 0));
    if (grain === "commands" && n) n = endOf(timeline[n - 1].command);
    const { command, step } = position();
    for (const w of worlds) {
      const last = Math.min(command, w.data.commands.length - 1);
      w.seek(last, last < command ? Infinity : step, all ? "commands" : grain, animate);
    }
    root.dataset.command = command;
    root.dataset.step = step;
    controls();
    details();
    el.dispatchEvent(new CustomEvent("mountlab-step", { detail: { command, step }, bubbles: true }));
  }
  const command = () => position().command;
  function forward(by = grain, how) { go(by === "events" ? n + 1 : n < endOf(command()) ? endOf(command()) : endOf(command() + 1), how); }
  function back(by = grain) { go(by === "events" ? n - 1 : endOf(command() - 1)); }
  function toggle() {
    if (timer) return pause();
    if (n >= timeline.length) go(0);
    const tick = () => {
      forward(grain, { quiet: true });
      timer = n < timeline.length ? setTimeout(tick, grain === "events" ? 1200 : 2000) : null;
      if (!timer) pause();
    };
    timer = setTimeout(tick, 300);
    controls();
  }
  function pause() { clearTimeout(timer); timer = null; if (worlds.length) controls(); }

  function controls() {
    const { command: c, step } = position(), p = parts;
    const off = (b, is) => b.setAttribute("aria-disabled", String(is));
    off(p.first, n === 0); off(p.back, n === 0); off(p.forward, n === timeline.length); off(p.last, n === timeline.length);
    p.play.replaceChildren(icon(timer ? ICONS.pause : ICONS.play), h("span", { class: "label" }, timer ? WORDS.pause : WORDS.play));
    for (const b of p.grains) b.setAttribute("aria-pressed", String(b.dataset.grain === grain));
    p.scrub.max = grain === "events" ? timeline.length : mostSteps.length;
    p.scrub.value = grain === "events" ? n : c + 1;
    p.where.textContent = WORDS.place(c, mostSteps.length, step, grain === "events" && mostSteps[c]);
    p.scrub.setAttribute("aria-valuetext", p.where.textContent);
    p.jumps.forEach((li, i) => { if (i === c) li.firstChild.setAttribute("aria-current", "step"); else li.firstChild.removeAttribute("aria-current"); });
  }

  function details() {
    if (parts.compare) parts.compare.replaceChildren(h("h4", {}, WORDS.kernel.title), ...compare(data.kernel[command()], command()));
    parts.details.replaceChildren(...(chosen ? describe(chosen.world, chosen) : [h("p", { class: "hint" }, WORDS.choose)]));
  }
  function choose(what) {
    if (what) parts.details.parentNode.classList.add("used");
    const top = what?.box === chosen?.box && what?.slot === chosen?.slot;
    chosen = what;
    for (const w of worlds) w.choose(what?.world === w ? what : null);
    details();
    if (!top) parts.details.scrollTop = 0;
  }
  function find(target) {
    const item = target.closest?.("[data-box],[data-slot]"), w = item && worlds.find((x) => x.el.contains(item));
    if (!w) return null;
    return item.dataset.box !== undefined ? { world: w, box: Number(item.dataset.box) } : { world: w, slot: item.dataset.slot };
  }

  const on = (target, type, handler, capture = false) => target.addEventListener(type, handler, { signal: listeners.signal, capture });
  on(root, "focusin", (e) => { const what = find(e.target); if (what && !chosen?.pinned) choose(what); });
  on(root, "click", (e) => {
    const bar = e.target.closest("[data-fold]"), what = find(e.target);
    if (bar) worlds.find((w) => w.el.contains(bar)).unfold(Number(bar.dataset.fold));
    if (!what) return;
    const same = chosen?.pinned && chosen.box === what.box && chosen.slot === what.slot && chosen.world === what.world;
    choose({ ...what, pinned: !same });
    parts.spoken.textContent = same ? "" : [...parts.details.querySelectorAll(".dtitle, h5, ol")].slice(0, 3).map((x) => x.textContent).join(". ");
  });
  on(root, "keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || !worlds.length) return;
    const own = e.target.closest("input, pre, .inner"), onButton = e.target.closest("button, summary, input");
    const keys = { ArrowRight: () => forward(), ArrowLeft: () => back(), ArrowDown: () => forward("commands"), ArrowUp: () => back("commands"), PageDown: () => forward("commands"),
      PageUp: () => back("commands"), Home: () => go(0), End: () => go(timeline.length), " ": () => toggle(), Escape: () => choose(null), "?": () => { parts.help.open = !parts.help.open; parts.help.scrollIntoView({ block: "nearest" }); } };
    if (!(e.key in keys) || (own && e.key !== "Escape" && e.key !== "?") || (onButton && e.key === " ")) return;
    e.preventDefault();
    keys[e.key]();
  });
  // A notebook takes keys in the capture phase; this tells it, for each key, to leave those that are ours.
  on(window, "keydown", (e) => {
    if (root.contains(e.target)) e.target.toggleAttribute("data-lm-suppress-shortcuts", !(e.ctrlKey || e.metaKey || e.altKey || (e.shiftKey && e.key === "Enter")));
  }, true);
  let width = 0;
  const resize = new ResizeObserver(() => {
    const now = Math.round(root.clientWidth);
    if (now && now !== width) { width = now; for (const w of worlds) w.layout(); }
  });
  resize.observe(root);

  const goto = ({ command: c = -1, step = Infinity } = {}) => go(c < 0 ? 0 : timeline.findLastIndex((t) => t.command < c || (t.command === c && t.step <= step)) + 1, { animate: false });
  // Who opens it sees the last change: lines at the end that only look leave the picture as it is.
  const looks = (steps) => steps.every((s) => (s.act?.kind ?? "none") === "none" && !s.d?.set?.length && !s.d?.gone?.length);
  function resting(at) {
    let c = Math.max(...worlds.map((w) => w.data.commands.length)) - 1;
    if (at?.command !== c) return at;
    while (c >= 0 && worlds.every((w) => !w.data.commands[c] || looks(stepsOf(w.data.commands[c])))) c--;
    return c < 0 || c === at.command ? at : { command: c };
  }
  build(data);
  goto(options.position ?? resting(data?.at) ?? {});
  return {
    destroy() { pause(); listeners.abort(); resize.disconnect(); for (const w of worlds) w.stop(); el.replaceChildren(); },
    update(next) {
      const was = position(), pin = chosen && { i: worlds.indexOf(chosen.world), key: chosen.world.key(chosen), pinned: chosen.pinned };
      const old = worlds.map((w) => w.places()), inside = root.contains(document.activeElement), whole = n === timeline.length;
      build(next);
      if (!worlds.length) return;
      if (inside) root.focus({ preventScroll: true });
      goto(was);
      go(timeline.length, { all: whole });
      worlds.forEach((w, i) => w.settle(old[i]));
      const found = pin && worlds[pin.i]?.find(pin.key);
      if (found) choose({ ...found, world: worlds[pin.i], pinned: pin.pinned });
    },
    goto, position,
  };
}

export default {
  render({ model, el }) {
    const stepper = draw(el, model.get("data"));
    const change = () => stepper.update(model.get("data"));
    model.on?.("change:data", change);
    return () => { model.off?.("change:data", change); stepper.destroy(); };
  },
};

// ---- Style: JupyterLab's colours where there are any, and light and dark ones of its own. ----
const DARK = `--paper: var(--jp-layout-color0, #14171b); --ink: var(--jp-content-font-color1, #e8eaed); --soft: #aeb6c0; --line: #4a525c; --card: #22272e; --grey: #1b1f24;
  --accent: #7ab8ff; --on-accent: #0b1c2e; --slave: #e2a3f0; --new: #63d297; --bad: #ff9c8f; --bad-paper: #3b1f1d; --new-paper: #17301f;
  --f0: #c3c9d1; --f1: #7ab8ff; --f2: #ffb454; --f3: #5ed3a8; --f4: #f5a3cf; --f5: #f0e068; --f6: #8fd6f5; --f7: #ff9c7a;`;
const STYLE = `
.mlstep { --paper: var(--jp-layout-color0, #fff); --ink: var(--jp-content-font-color1, #1d2329); --soft: #57606a; --line: #c4ccd4; --card: #f5f7f9; --grey: #eceff2;
  --accent: #0b5cad; --on-accent: #fff; --slave: #8a2f9e; --new: #146c3c; --bad: #b3261e; --bad-paper: #fdecea; --new-paper: #e6f4ea;
  --f0: #4d5661; --f1: #0b5cad; --f2: #9a5200; --f3: #00705a; --f4: #a3246f; --f5: #6b6100; --f6: #0b6a8c; --f7: #b03a12;
  --mono: var(--jp-code-font-family, ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace);
  color: var(--ink); background: var(--paper); font: var(--jp-ui-font-size1, 13px)/1.4 var(--jp-ui-font-family, system-ui, "Segoe UI", "DejaVu Sans", sans-serif);
  container-type: inline-size; padding: .6em; box-sizing: border-box; text-align: left; min-width: 0; }
@media (prefers-color-scheme: dark) { :root:not(:has(body[data-jp-theme-light="true"])) .mlstep { ${DARK} } }
body[data-jp-theme-light="false"] .mlstep { ${DARK} }
.mlstep *, .mlstep *::before { box-sizing: border-box; }
.mlstep p, .mlstep h4, .mlstep h5, .mlstep pre, .mlstep dl, .mlstep dd, .mlstep ol { margin: 0; padding: 0; color: inherit; background: none; border: 0; }
.mlstep button { font: inherit; color: inherit; background: none; border: 0; margin: 0; padding: 0; cursor: pointer; text-align: left; }
.mlstep pre, .mlstep code, .mlstep kbd { font-family: var(--mono); font-size: .92em; color: inherit; background: none; padding: 0; }
.mlstep :focus-visible, .mlstep:focus-visible { outline: 3px solid var(--accent); outline-offset: 1px; }
.mlstep .defs { position: absolute; width: 0; height: 0; }
.mlstep .unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.mlstep .bad { color: var(--bad); }
.mlstep .stage { display: grid; grid-template-columns: minmax(0, 1fr); gap: .8em; }
.mlstep .left { min-width: 0; }
.mlstep .worlds.pair { display: grid; gap: 1.2em; grid-template-columns: minmax(0, 1fr); }
.mlstep h4 { font-size: 1.08em; font-weight: 650; margin-bottom: .3em; } .mlstep h5 { font-size: 1em; font-weight: 650; margin: .8em 0 .25em; }
.mlstep pre, .mlstep .line { word-break: normal; } .mlstep .prompt[hidden] { display: none; }
.mlstep .prompt { font-family: var(--mono); background: var(--card); border: 1px solid var(--line); border-radius: .5em; padding: .45em .8em; }
.mlstep .typed { display: flex; gap: .6em; align-items: baseline; } .mlstep .typed .text { flex: 1; white-space: pre-wrap; overflow-wrap: anywhere; font-weight: 600; }
.mlstep .shell { color: var(--accent); font-weight: 600; } .mlstep .exit { color: var(--soft); font-size: .88em; white-space: nowrap; } .mlstep .exit.bad { color: var(--bad); font-weight: 650; }
.mlstep .prompt pre { max-height: 7.5em; overflow: auto; white-space: pre-wrap; overflow-wrap: anywhere; } .mlstep .err { color: var(--bad); }
.mlstep .narration { display: flex; gap: .8em; align-items: baseline; padding: .6em .2em .5em; }
.mlstep .say { min-width: 0; overflow-wrap: anywhere; display: grid; flex: 1; font-size: 1.12em; line-height: 1.35; } .mlstep .say > * { grid-area: 1 / 1; } .mlstep .ghosttext { visibility: hidden; }
.mlstep .rule { color: var(--soft); white-space: nowrap; }
.mlstep .law { display: grid; color: var(--soft); font-size: .92em; padding: 0 .2em .5em; } .mlstep .law > * { grid-area: 1 / 1; }
.mlstep .scroller { overflow: auto; max-height: max(26em, 72vh); border: 1px solid var(--line); border-radius: .5em; position: relative; }
.mlstep .canvas { position: relative; min-width: 100%; }
.mlstep .heads { position: sticky; top: 0; z-index: 30; height: 3.6em; background: var(--paper); border-bottom: 1px solid var(--line); }
.mlstep div.head { position: absolute; top: .35em; height: 3em; overflow: hidden; border-radius: .4em; padding: 0 .2em; }
.mlstep div.head .title { display: flex; gap: .5em; white-space: nowrap; } .mlstep div.head .name { font-weight: 650; } .mlstep div.head .view, .mlstep div.head .none { color: var(--soft); font-size: .92em; }
.mlstep div.head.off .name { color: var(--soft); font-weight: 400; } .mlstep div.head.mark { box-shadow: 0 0 0 .2em var(--paper), 0 0 0 calc(.2em + 2px) var(--new); } .mlstep div.head.thin { text-align: center; padding: 0; } .mlstep div.head.thin .title { justify-content: center; }
.mlstep .tabs { display: flex; gap: .3em; overflow: hidden; white-space: nowrap; }
.mlstep .tab { font-family: var(--mono); font-size: .88em; border: 1px solid var(--line); border-radius: .35em; padding: 0 .5em; background: var(--card); }
.mlstep .tab::before { content: "›_ "; } .mlstep .tab.holder::before { content: "▣ "; } .mlstep .tab.holder { border-style: dashed; } .mlstep .tab.on { background: var(--accent); color: var(--on-accent); border-color: var(--accent); font-weight: 700; } .mlstep .tab.on::after { content: " ⏎"; }
.mlstep .lines { position: absolute; left: 0; top: 3.6em; overflow: visible; pointer-events: none; }
.mlstep .lines path { fill: none; vector-effect: none; } .mlstep .guides path { stroke: var(--line); stroke-width: .08; }
.mlstep .link { stroke-width: .15; fill: none; } .mlstep .link.peer { stroke: var(--accent); } .mlstep .link.slave { stroke: var(--slave); stroke-dasharray: .42 .28; }
.mlstep .choosing .link:not(.related) { opacity: .22; } .mlstep .link.quiet { stroke: var(--soft); opacity: .55; } .mlstep .link.related { stroke-width: .24; }
.mlstep .hot path { stroke-width: .3; stroke: var(--new); stroke-linecap: round; } .mlstep .hot path.skip { stroke: var(--bad); stroke-dasharray: .1 .5; }
.mlstep path.head { fill: var(--slave); } .mlstep path.head.copy { fill: var(--new); } .mlstep path.head.skip { fill: var(--bad); }
.mlstep .column { position: absolute; left: 0; top: 3.6em; }
.mlstep .box { position: absolute; display: flex; flex-direction: column; justify-content: center; gap: .1em; padding: 0 .5em 0 .4em; background: var(--card); border: 1px solid var(--line); border-left: .38em solid var(--f); border-radius: .45em; white-space: nowrap; box-shadow: 0 1px 2px rgb(0 0 0 / .16); }
.mlstep .one, .mlstep .two { display: flex; align-items: baseline; gap: .35em; min-width: 0; line-height: 1.25; } .mlstep .two { font-size: .9em; }
.mlstep .path { font-family: var(--mono); font-weight: 650; flex: 1; overflow: hidden; text-overflow: ellipsis; } .mlstep .glyph { color: var(--f); font-size: 1.1em; }
.mlstep .source { flex: 1; overflow: hidden; text-overflow: ellipsis; color: var(--f); } .mlstep .box .root { font-family: var(--mono); color: var(--soft); }
.mlstep .badge { font-size: .88em; font-weight: 650; border-radius: .8em; padding: 0 .45em; border: 1px solid; } .mlstep .badge.sh { color: var(--accent); } .mlstep .badge.ma { color: var(--slave); border-style: dashed; }
.mlstep .badge.ub { color: var(--bad); } .mlstep .badge.quiet { border-color: transparent; color: var(--soft); font-weight: 400; padding: 0; }
.mlstep .chip { font-size: .92em; color: var(--soft); border: 1px solid var(--line); border-radius: .3em; padding: 0 .3em; background: var(--paper); }
.mlstep .box.hid { background: var(--grey); border-style: dashed; box-shadow: none; } .mlstep .box.hid :is(.path, .source, .glyph, .badge) { color: var(--soft); font-weight: 400; } .mlstep .box.hid { border-left-color: var(--line); }
.mlstep .box.thin { align-items: center; padding: 0; }
.mlstep .tag { position: absolute; top: -1.3em; left: .7em; font-size: .8em; font-weight: 700; line-height: 1.3; padding: 0 .45em; border-radius: .3em; background: var(--new); color: var(--paper); }
.mlstep .covered .tag { top: auto; bottom: -1.3em; }
.mlstep .box.mark { border-color: var(--new); border-left-color: var(--f); box-shadow: 0 0 0 2px var(--new); } .mlstep .box.skip, .mlstep .box.gone { border-color: var(--bad); border-left-color: var(--f); box-shadow: 0 0 0 2px var(--bad); }
.mlstep .skip .tag, .mlstep .gone .tag { background: var(--bad); } .mlstep .box.gone { background: var(--bad-paper); border-style: dashed; box-shadow: none; } .mlstep .gone .path { text-decoration: line-through; }
.mlstep .box.chosen, .mlstep .slot.chosen { outline: 3px solid var(--accent); outline-offset: 2px; } .mlstep .box.related:not(.chosen) { outline: 2px dashed var(--accent); outline-offset: 2px; }
.mlstep .choosing .box:not(.related, .chosen, .mark) { background: var(--paper); box-shadow: none; } .mlstep .choosing .box:not(.related, .chosen, .mark) .path { font-weight: 400; color: var(--soft); }
.mlstep .box.flying { z-index: 20 !important; }
.mlstep .slot { position: absolute; border: 1px dashed var(--line); border-radius: .45em; color: var(--soft); font-size: 1em; display: flex; align-items: center; justify-content: center; } .mlstep .slot span { font-size: .85em; } .mlstep .slot.thin span:first-child { display: none; }
.mlstep .slot:hover { border-color: var(--accent); color: var(--accent); } .mlstep .box:hover { border-color: var(--accent); border-left-color: var(--f); }
.mlstep .bar { position: absolute; border: 1px solid var(--line); border-radius: .35em; padding: 0 .5em; background: var(--paper); white-space: nowrap; overflow: hidden; text-overflow: ellipsis; display: flex; gap: .45em; align-items: center; } .mlstep .bar .chip { color: var(--new); font-weight: 700; }
.mlstep .callout { position: absolute; z-index: 15; pointer-events: none; background: var(--bad-paper); color: var(--bad); border: 1px solid var(--bad); border-radius: .4em; padding: .3em .6em; line-height: 1.25; box-shadow: 0 2px 6px rgb(0 0 0 / .25); }
.mlstep .callout.above { transform: translateY(-100%); } .mlstep .callout.above::before { top: auto; bottom: -.42em; border-width: 0 1px 1px 0; } .mlstep .callout span { font-size: .92em; } .mlstep .callout::before { content: ""; position: absolute; left: 1.2em; top: -.42em; width: .7em; height: .7em; transform: rotate(45deg); background: inherit; border: solid var(--bad); border-width: 1px 0 0 1px; }
.mlstep .legend { display: flex; flex-wrap: wrap; gap: .1em 1.1em; color: var(--soft); font-size: .88em; padding: .4em .2em; } .mlstep .sample { width: 2.2em; height: .85em; margin-right: .35em; vertical-align: -.05em; } .mlstep .sample .link { stroke-width: 2; } .mlstep .sample .slave { stroke-dasharray: 5 3; }
.mlstep .dashed { display: inline-block; width: 1.6em; height: .85em; border: 1px dashed var(--soft); border-radius: .2em; margin-right: .35em; vertical-align: -.05em; }
.mlstep .controls { display: flex; flex-wrap: wrap; gap: .35em; align-items: center; padding: .3em 0; }
.mlstep .control, .mlstep .grain { border: 1px solid var(--line); border-radius: .4em; padding: .3em .65em; background: var(--card); display: inline-flex; gap: .4em; align-items: center; min-height: 2.1em; } .mlstep .control:hover, .mlstep .grain:hover { border-color: var(--accent); }
.mlstep .control[aria-disabled="true"] { color: var(--soft); background: none; cursor: default; } .mlstep .play { min-width: 5.6em; }
.mlstep .icon { width: .8em; height: .8em; fill: currentColor; }
.mlstep .grains { display: inline-flex; margin: 0 .4em; } .mlstep .grain:first-child { border-radius: .4em 0 0 .4em; } .mlstep .grain:last-child { border-radius: 0 .4em .4em 0; border-left: 0; } .mlstep .grain[aria-pressed="true"] { background: var(--accent); color: var(--on-accent); border-color: var(--accent); }
.mlstep input[type="range"] { flex: 1 1 9em; min-width: 7em; accent-color: var(--accent); } .mlstep .where { color: var(--soft); font-variant-numeric: tabular-nums; min-width: 15em; }
.mlstep .details { border: 1px solid var(--line); border-radius: .5em; position: relative; } .mlstep .inner { padding: .7em .9em; } .mlstep .details.used { height: 21em; } .mlstep .used .inner { position: absolute; inset: 0; overflow: auto; } .mlstep .inner > div + div h5 { margin-top: .3em; } .mlstep .hint { color: var(--soft); }
.mlstep .dtitle { font-size: 1.1em; font-family: var(--mono); display: flex; flex-wrap: wrap; gap: 0 .8em; align-items: baseline; } .mlstep .pin { font: .82em var(--jp-ui-font-family, sans-serif); color: var(--soft); }
.mlstep .inner ol { padding-left: 1.6em; } .mlstep .members { margin-top: .35em; } .mlstep .line { white-space: pre-wrap; overflow-wrap: anywhere; background: var(--card); padding: .35em .5em; border-radius: .3em; }
.mlstep .field { display: grid; grid-template-columns: minmax(7.5em, 34%) 1fr; gap: 0 .8em; padding: .22em 0; border-bottom: 1px solid var(--line); } .mlstep .field:last-child { border: 0; } .mlstep .field dt, .mlstep .field dd { float: none; display: block; width: auto; } .mlstep dt code { display: block; font-weight: 650; overflow-wrap: anywhere; } .mlstep dt span { color: var(--soft); font-size: .9em; font-weight: 400; }
.mlstep .below { display: flex; flex-wrap: wrap; gap: .2em 2em; padding-top: .3em; } .mlstep summary { cursor: pointer; } .mlstep .list ol { max-height: 15em; overflow: auto; padding-left: 2.4em; } .mlstep .list button { font-family: var(--mono); font-size: .92em; } .mlstep .list [aria-current] { font-weight: 700; text-decoration: underline; }
.mlstep .keys dl { display: grid; grid-template-columns: auto 1fr; gap: .15em .8em; } .mlstep kbd { border: 1px solid var(--line); border-radius: .25em; padding: 0 .35em; box-shadow: none; }
.mlstep .final pre, .mlstep .compare pre { overflow: auto; white-space: pre; background: var(--card); padding: .5em .7em; border-radius: .4em; } .mlstep .compare .tables { display: grid; gap: .8em; } .mlstep .compare { margin-top: 1em; } .mlstep .same { color: var(--new); font-weight: 600; } .mlstep .differs { color: var(--bad); font-weight: 600; } .mlstep mark { background: var(--bad-paper); color: var(--bad); font-weight: 700; }
${Array.from({ length: 8 }, (_, i) => `.mlstep .fs${i} { --f: var(--f${i}); }`).join(" ")}
@container (min-width: 86em) { .mlstep .stage:not(:has(.pair)) { grid-template-columns: minmax(0, 1fr) 24em; } .mlstep .stage:not(:has(.pair)) .details { height: auto; min-height: 24em; } }
@container (min-width: 56em) and (max-width: 85.99em) { .mlstep .inner:has(dl) { display: grid; grid-template-columns: minmax(0, 2fr) minmax(0, 3fr); gap: 2em; align-content: start; } }
@container (min-width: 72em) and (max-width: 85.99em) { .mlstep .inner dl { columns: 2; column-gap: 2em; } .mlstep .field { break-inside: avoid; } }
@container (min-width: 56em) { .mlstep .worlds.pair, .mlstep .compare .tables { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); } }
@container (max-width: 34em) { .mlstep .control .label { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); } .mlstep .play { min-width: 0; } .mlstep .typed { flex-wrap: wrap; } .mlstep .narration { flex-direction: column; gap: .1em; } }
@media (forced-colors: active) { .mlstep path.link.link, .mlstep .guides path, .mlstep .hot path.hot { stroke: CanvasText; } .mlstep .badge.quiet { border: 0; } .mlstep .grain[aria-pressed="true"], .mlstep .tab.on { outline: 2px solid Highlight; } .mlstep path.head { fill: CanvasText; } .mlstep .box.mark { outline: 2px solid Highlight; } }
@media (prefers-reduced-motion: reduce) { .mlstep * { transition: none !important; animation: none !important; } }
`;
