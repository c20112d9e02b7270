// "Chat deleted. Undo": eight seconds, and no clock while somebody points at it or is in it.
import { outcome } from "./outcome.js";

const SHOWN_FOR = 8_000;
const TICK = 250;

const region = document.getElementById("toasts");
let left = 0;
let ticker;

export function start() {
  document.addEventListener("htmx:afterSwap", ({ detail }) => detail.target === region && begin());
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (detail.requestConfig.elt.matches("[data-undo]") && outcome(detail) === "done") end();
  });
}

function begin() {
  clearInterval(ticker);
  left = SHOWN_FOR;
  ticker = setInterval(() => {
    if (region.querySelector(":hover, :focus-within")) return;
    left -= TICK;
    if (left <= 0) leave();
  }, TICK);
}

function end() {
  clearInterval(ticker);
  region.replaceChildren();
}

/** Nobody took it back: the page of a deleted conversation has nothing more to show. */
function leave() {
  const deleted = region.querySelector("[data-deleted]")?.dataset.deleted;
  end();
  if (deleted && deleted === document.body.dataset.conversation) location.assign("/");
}
