/* mountlab in JupyterLab 4 and Notebook 7: draws the outputs of five MIME types, and colours %%lab cells.

JupyterLab loads this file as it is, without a build: it asks the container at the end for "./renderers" (the
MIME types) and for "./plugin" (what needs the open notebooks).  What draws is not here: view/stepper.js,
play/playground.js and course/*.js are loaded when the first output of their kind is shown.

Two things look odd and are meant.  No folder here is called `static`: the server would tell browsers to keep
its files for a year.  And the rank is -20: JupyterLab takes the lowest rank of a bundle, and the widget, which
cannot be drawn without its kernel, has -10. */
(() => {
  "use strict";

  const NAME = "mountlab";
  const STEPPER = "application/vnd.mountlab.stepper+json";
  const PLAYGROUND = "application/vnd.mountlab.playground+json";
  const QUESTION = "application/vnd.mountlab.question+json";
  const LEVEL = "application/vnd.mountlab.level+json";
  const MATRIX = "application/vnd.mountlab.matrix+json";
  const PLAYGROUNDS = "mountlab.playground";
  const PRACTICE = "mountlab.practice";
  const RANK = -20;
  const TRANSCRIPT = "text/x-mountlab-transcript";
  const HERE = document.currentScript.src;

  /** JupyterLab's own modules, by name; set by init(). */
  let shared;

  /** The open notebooks; promised here, since outputs may be drawn before the plugin is started. */
  let haveNotebooks;
  const notebooks = new Promise((resolve) => { haveNotebooks = resolve; });

  async function sharedModule(name) {
    const versions = shared[name];
    return (await versions[Object.keys(versions)[0]].get())();
  }

  // --- Outputs ------------------------------------------------------------------------------------------

  /** What never needs a kernel: at home in the module of that path. */
  const paintAlone = (path) => async (el, data) => {
    const { draw } = await import(new URL(path, HERE).href);
    return draw(el, data);
  };

  /** The session of the notebook that an output stands in; null elsewhere. */
  async function sessionOf(el) {
    const tracker = await notebooks;
    const panel = tracker?.find((each) => each.node.contains(el)) ?? null;
    return panel?.sessionContext ?? null;
  }

  /** A playground or a level: at home in the module of that path. */
  const paintPlayground = (path) => async (el, data) => {
    const { draw } = await import(new URL(path, HERE).href);
    return drawConnected(el, data, draw, await sessionOf(el));
  };

  /** A question needs no kernel to be drawn: it asks for one when there is an answer to keep. */
  async function paintQuestion(el, data) {
    const { draw } = await import(new URL("course/question.js", HERE).href);
    return draw(el, data, async () => openLink(await sessionOf(el), PRACTICE, data.name));
  }

  function complain(el, problem) {
    const note = document.createElement("p");
    note.setAttribute("role", "alert");
    note.textContent = `This output could not be drawn (${problem?.message ?? problem}). `
      + "Reload the page; if that does not help, run `make setup` and start JupyterLab again.";
    el.replaceChildren(note);
    console.error(problem);
  }

  /** One output.  JupyterLab may give it new data at any time, and take it away. */
  function renderer(Widget, mimeType, paint) {
    const widget = new Widget();
    const attached = new Promise((resolve) => { widget.onAfterAttach = resolve; });
    let drawn = null;
    let turn = 0;
    const wipe = () => {
      turn += 1;
      drawn?.destroy();
      drawn = null;
    };
    const show = async (data) => {
      wipe();
      const mine = turn;
      const el = document.createElement("div");
      widget.node.replaceChildren(el);
      await attached;
      try {
        const made = await paint(el, data);
        if (mine === turn) drawn = made;
        else made.destroy();  // newer data came meanwhile, or the output has gone
      } catch (problem) {
        complain(el, problem);
      }
    };
    // Whoever waits for renderModel() before it attaches the widget must not wait for the drawing.
    widget.renderModel = async (model) => { show(model.data[mimeType]); };
    widget.dispose = () => {
      wipe();
      Widget.prototype.dispose.call(widget);
    };
    return widget;
  }

  /** What JupyterLab registers for one MIME type.  Safe: the data never become code or markup. */
  function factory(Widget, mimeType, paint, name) {
    return {
      id: `${NAME}:${name}`,
      dataType: "json",
      rank: RANK,
      rendererFactory: {
        safe: true,
        defaultRank: RANK,
        mimeTypes: [mimeType],
        createRenderer: () => renderer(Widget, mimeType, paint),
      },
    };
  }

  async function renderers() {
    const { Widget } = await sharedModule("@lumino/widgets");
    return [
      factory(Widget, STEPPER, paintAlone("view/stepper.js"), "stepper"),
      factory(Widget, MATRIX, paintAlone("course/matrix.js"), "matrix"),
      factory(Widget, PLAYGROUND, paintPlayground("play/playground.js"), "playground"),
      factory(Widget, LEVEL, paintPlayground("course/level.js"), "level"),
      factory(Widget, QUESTION, paintQuestion, "question"),
    ];
  }

  // --- The way to the kernel -----------------------------------------------------------------------------

  /** Open a comm; null where there is no kernel, or none that knows this name. */
  async function openLink(sessionContext, target, id) {
    await sessionContext?.ready;
    const kernel = sessionContext?.session?.kernel;
    if (!kernel) return null;
    const comm = kernel.createComm(target);
    const waiting = [];
    let listener = (message) => waiting.push(message);
    let closed = false;
    comm.onMsg = (message) => listener(message.content.data);
    comm.onClose = () => { closed = true; };
    try {
      // Done when the kernel is: one that does not know the name or the id has closed the comm by then.
      await comm.open({ id }).done;
    } catch {
      return null;  // the kernel was restarted or shut down meanwhile
    }
    if (closed) return null;
    // After a restart this link leads nowhere, until the playground is drawn again with another one.
    const isOpen = () => !comm.isDisposed && !kernel.isDisposed;
    return {
      send: (message) => { if (isOpen()) comm.send(message); },
      onMessage: (callback) => {
        listener = callback;
        waiting.splice(0).forEach(callback);
      },
      close: () => { if (isOpen()) comm.close(); },
    };
  }

  /** Draw a playground, and again when the notebook's kernel was restarted or is another one. */
  function drawConnected(el, data, draw, sessionContext) {
    let waiting = false;
    let restarting = false;
    const connect = async () => {
      waiting = true;
      try {
        return await openLink(sessionContext, PLAYGROUNDS, data.id);
      } finally {
        waiting = false;
      }
    };
    let drawn = draw(el, data, connect);
    const again = () => {
      if (waiting) return;  // the first kernel of a page that was just loaded: connect() has it
      drawn.destroy();
      el.replaceChildren();
      drawn = draw(el, data, connect);
    };
    const onStatus = (_, status) => {
      if (status === "restarting" || status === "autorestarting") restarting = true;
      else if (status === "idle" && restarting) {
        restarting = false;
        again();
      }
    };
    sessionContext?.statusChanged.connect(onStatus);
    sessionContext?.kernelChanged.connect(again);
    return {
      destroy() {
        sessionContext?.statusChanged.disconnect(onStatus);
        sessionContext?.kernelChanged.disconnect(again);
        drawn.destroy();
      },
    };
  }

  // --- %%lab cells are transcripts: no Python, and no shell script either, where "host# ls" is a comment ----

  /** The style of what comes next in a line. */
  function token(stream) {
    if (stream.sol()) {
      if (stream.match(/^%%lab\b.*|^[ \t]*#[:?].*/)) return "meta";
      if (stream.match(/^[ \t]*[A-Za-z0-9_][A-Za-z0-9_.-]*[#$](?=[ \t]|$)/)) return "keyword";
    }
    if (stream.eatSpace()) return null;
    if (stream.match(/^#.*/)) return "comment";
    if (stream.match(/^"(?:\\.|[^"\\])*"?|^'[^']*'?/)) return "string";
    if (stream.match(/^(?:&&|;|>>?|<<-?)/)) return "operator";
    stream.match(/^(?:\\.|[^\s"';&<>\\])+/) || stream.next();
    return null;
  }

  async function addTranscripts(languages) {
    const { LanguageSupport, StreamLanguage } = await sharedModule("@codemirror/language");
    const support = new LanguageSupport(StreamLanguage.define({ name: "transcript", token }));
    languages.addLanguage({ name: "transcript", displayName: "mountlab transcript", mime: TRANSCRIPT, support });
  }

  function colourCell(panel, model) {
    const set = () => {
      const isLab = /^\s*%%lab\b/.test(model.sharedModel.getSource());
      if (isLab && model.mimeType !== TRANSCRIPT) model.mimeType = TRANSCRIPT;
      else if (!isLab && model.mimeType === TRANSCRIPT) model.mimeType = panel.content.codeMimetype;
    };
    model.contentChanged.connect(set);
    model.mimeTypeChanged.connect(set);
    set();
  }

  function colourNotebook(panel) {
    const known = new WeakSet();
    const look = () => {
      for (const model of panel.content.model?.cells ?? []) {
        if (model.type !== "code" || known.has(model)) continue;
        known.add(model);
        colourCell(panel, model);
      }
    };
    panel.content.modelContentChanged.connect(look);
    panel.context.ready.then(look);
  }

  async function plugin() {
    const { INotebookTracker } = await sharedModule("@jupyterlab/notebook");
    const { IEditorLanguageRegistry } = await sharedModule("@jupyterlab/codemirror");
    return {
      id: `${NAME}:plugin`,
      description: "Connects playgrounds to their kernel and colours %%lab cells.",
      autoStart: true,
      optional: [INotebookTracker, IEditorLanguageRegistry],
      activate: async (app, tracker, languages) => {
        haveNotebooks(tracker);
        if (!tracker || !languages) return;
        await addTranscripts(languages);
        tracker.forEach(colourNotebook);
        tracker.widgetAdded.connect((_, panel) => colourNotebook(panel));
      },
    };
  }

  // --- What JupyterLab's loader calls ---------------------------------------------------------------------

  const modules = { "./renderers": renderers, "./plugin": plugin };

  window._JUPYTERLAB = window._JUPYTERLAB || {};
  window._JUPYTERLAB[NAME] = {
    init: (scope) => { shared = scope; },
    get: async (name) => {
      const made = { __esModule: true, default: await modules[name]() };
      return () => made;
    },
  };
})();
