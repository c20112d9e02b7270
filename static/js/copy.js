// Copies code, tables and Markdown source; a copied selection holds the TeX instead of its drawing.
import { say } from "./say.js";
import { contentsOf } from "./tables.js";

const SHOWN_FOR = 1_600;

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
    else if (button.matches("[data-copy-url]")) await write({ text: await fetched(button.dataset.copyUrl) });
    else if (button.matches("[data-copy-field]")) await write({ text: document.getElementById(button.dataset.copyField).value });
    else await write({ text: figure.querySelector("pre").textContent });
  } catch {
    return say("Copying failed");
  }
  say("Copied");
  confirmOn(button);
}

async function fetched(url) {
  const response = await fetch(url);
  if (!response.ok || response.redirected) throw new Error(`${url}: ${response.status}`);
  return response.text();
}

async function write({ text, html }) {
  if (navigator.clipboard && !html) return navigator.clipboard.writeText(text);
  const flavours = { "text/plain": text, "text/html": html };
  if (navigator.clipboard) return navigator.clipboard.write([new ClipboardItem(flavours)]);
  // Browsers keep the clipboard from pages that come over plain http.
  const carrier = Object.assign(document.createElement("textarea"), { value: text, className: "sr" });
  carrier.addEventListener("copy", (event) => {
    for (const [flavour, value] of Object.entries(flavours)) if (value) event.clipboardData.setData(flavour, value);
    event.preventDefault();
  });
  // Beside an open dialog nothing can be selected.
  (document.querySelector("dialog:modal") ?? document.body).append(carrier);
  carrier.select();
  const done = document.execCommand("copy");
  carrier.remove();
  if (!done) throw new Error("refused");
}

function confirmOn(button) {
  const icon = button.querySelector("use");
  if (icon) swap(() => icon.getAttribute("href"), (value) => icon.setAttribute("href", value), "#i-check");
  else swap(() => button.textContent, (value) => { button.textContent = value; }, "Copied");
}

function swap(get, set, shown) {
  const before = get();
  if (before === shown) return;
  set(shown);
  setTimeout(() => set(before), SHOWN_FOR);
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
