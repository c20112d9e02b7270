// Copies code, tables and Markdown source; a copied selection holds the TeX instead of its drawing.
import { say } from "./say.js";

const SHOWN_FOR = 1_600;

export function start() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-copy], [data-copy-url], [data-wrap]");
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
  const url = button.dataset.copyUrl;
  try {
    await write(url ? await fetched(url) : button.closest("figure").querySelector("pre").textContent);
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

async function write(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  // Browsers keep the clipboard from pages that come over plain http.
  const carrier = Object.assign(document.createElement("textarea"), { value: text, className: "sr" });
  document.body.append(carrier);
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
