// Loads Python as a browser tab has it, and runs the file given with the package on its path.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [pyodide, source, script] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(`${pyodide}/node_modules/pyodide/pyodide.mjs`).href);
const python = await loadPyodide();
python.mountNodeFS("/source", source);
python.runPython(readFileSync(script, "utf8"));
