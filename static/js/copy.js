// Copies code, tables and Markdown source; a copied selection holds the TeX instead of its drawing.
import { say } from "./say.js";
import { contentsOf } from "./tables.js";

const SHOWN_FOR = 1_600;
// What a button says otherwise, while it says how the copying went.
const told = new Map();

export function start() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy], [data-copy-field], [data-copy-table], [data-copy-url], [data-wrap]");
    if (!button) return;
    if (button.matches("[data-wrap]")) wrap(button);
    else copy(button);
  });
  document.addEventListener("copy", withTex);
}

function wrap(button) {
  const wrapped = button.closest("figure").toggleAttribute("data-wrapped");
  button.setAttribute("aria-pressed", wrapped);
}

async function copy(button) {
  const figure = button.closest("figure");
  try {
    if (button.matches("[data-copy-table]")) await write(contentsOf(figure));
    else if (button.matches("[data-copy-url]")) await write({ text: fetched(button.dataset.copyUrl) });
    else if (button.matches("[data-copy-field]")) await write({ text: document.getElementById(button.dataset.copyField).value });
    else await write({ text: figure.querySelector("pre").textContent });
  } catch {
    say("Copying failed");
    return tell(button, "#i-circle-alert", "Failed");
  }
  say("Copied");
  return tell(button, "#i-check", "Copied");
}

async function fetched(url) {
  const response = await fetch(url);
  if (!response.ok || response.redirected) throw new Error(`${url}: ${response.status}`);
  return response.text();
}

/** `text` may be on its way: some browsers let a page write only at once, while the press is handled. */
async function write({ text, html }) {
  const flavours = Object.entries({ "text/plain": text, "text/html": html }).filter(([, value]) => value !== undefined);
  if (navigator.clipboard?.write) return navigator.clipboard.write([new ClipboardItem(Object.fromEntries(flavours.map(coming)))]);
  // Browsers keep the clipboard from pages that come over plain http.
  const carrier = Object.assign(document.createElement("textarea"), { value: await text, className: "sr" });
  carrier.addEventListener("copy", (event) => {
    event.clipboardData.setData("text/plain", carrier.value);
    if (html) event.clipboardData.setData("text/html", html);
    event.preventDefault();
  });
  // Beside an open dialog nothing can be selected.
  (document.querySelector("dialog:modal") ?? document.body).append(carrier);
  carrier.select();
  const done = document.execCommand("copy");
  carrier.remove();
  if (!done) throw new Error("refused");
}

const coming = ([flavour, value]) => [flavour, Promise.resolve(value).then((data) => new Blob([data], { type: flavour }))];

/** On the button itself, for a moment. */
function tell(button, symbol, word) {
  const icon = button.querySelector("use");
  const show = (value) => (icon ? icon.setAttribute("href", value) : button.replaceChildren(value));
  const before = told.get(button)?.before ?? (icon ? icon.getAttribute("href") : button.textContent);
  clearTimeout(told.get(button)?.timer);
  show(icon ? symbol : word);
  const timer = setTimeout(() => {
    show(before);
    told.delete(button);
  }, SHOWN_FOR);
  told.set(button, { before, timer });
}

function withTex(event) {
  const selection = getSelection();
  if (selection.isCollapsed || event.target.closest?.("input, textarea")) return;
  const copied = document.createElement("div");
  for (let i = 0; i < selection.rangeCount; i += 1) copied.append(selection.getRangeAt(i).cloneContents());
  const drawn = copied.querySelectorAll("[data-tex]");
  if (!drawn.length) return;
  for (const element of drawn) {
    const mark = element.dataset.math === "display" ? "$$" : "$";
    element.replaceChildren(mark + element.dataset.tex + mark);
  }
  event.clipboardData.setData("text/html", copied.innerHTML);
  event.clipboardData.setData("text/plain", copied.textContent);
  event.preventDefault();
}
