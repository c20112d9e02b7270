// "Chat deleted. Undo": eight seconds, and no clock while somebody points at it or is in it.
import { outcome } from "./outcome.js";
import { keepFocus } from "./sidebar-focus.js";

const SHOWN_FOR = 8_000;
const TICK = 250;
// In frames.
const PATIENCE = 30;

const region = document.getElementById("toasts");
let left = 0;
let ticker;
// Gives the focus back to where it was when the toast came.
let back = () => {};

export function start() {
  document.addEventListener("htmx:afterSwap", ({ detail }) => detail.target === region && begin());
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (detail.requestConfig.elt.matches("[data-undo]") && outcome(detail) === "done") end();
  });
}

/** Take back what the toast tells of. False when there is none. */
export function undo() {
  const form = region?.querySelector("[data-undo]");
  form?.requestSubmit();
  return Boolean(form);
}

function begin() {
  clearInterval(ticker);
  // The menu in which it was done closes first, and tells a moment later that it has.
  requestAnimationFrame(() => setTimeout(() => remember()));
  left = SHOWN_FOR;
  ticker = setInterval(() => {
    if (region.querySelector(":hover, :focus-within")) return;
    left -= TICK;
    if (left <= 0) leave();
  }, TICK);
}

function remember(patience = PATIENCE) {
  const from = document.activeElement;
  // In the menu, of which the focus is not yet let go; or nowhere, as its line goes before the next one has it.
  const onItsWay = !from.checkVisibility() || (from === document.body && patience);
  if (onItsWay) return requestAnimationFrame(() => remember(patience && patience - 1));
  const toLine = keepFocus(from);
  back = () => {
    if (from.isConnected) from.focus({ preventScroll: true });
    else toLine();
    if (document.activeElement === document.body) document.getElementById("main").focus({ preventScroll: true });
  };
  return undefined;
}

function end() {
  clearInterval(ticker);
  const inside = region.contains(document.activeElement);
  region.replaceChildren();
  // After those who know of a better place.
  if (inside) setTimeout(() => document.activeElement === document.body && back());
}

/** Nobody took it back: the page of a deleted conversation has nothing more to show. */
function leave() {
  const deleted = region.querySelector("[data-deleted]")?.dataset.deleted;
  end();
  if (deleted && deleted === document.body.dataset.conversation) location.assign("/");
}
