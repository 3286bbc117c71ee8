// The small helpers of everything that is drawn: making elements, and reading data that nobody trusts.

/** An element: functions among the attributes are listeners; null, undefined and false are left out. */
export function h(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(key, value);
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}
export const button = (label, click, more = {}) => h("button", { type: "button", click, ...more }, label);
export const text = (value) => (value === null || value === undefined ? "" : String(value));
export const list = (value) => (Array.isArray(value) ? value : []);
export const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
