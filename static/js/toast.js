// "Chat deleted. Undo": eight seconds, and no clock while somebody points at it or is in it.
import { outcome } from "./outcome.js";
import { tellReasons } from "./refused.js";
import { keepFocus } from "./sidebar-focus.js";

const SHOWN_FOR = 8_000;
const TICK = 250;

const region = document.getElementById("toasts");
let left = 0;
let ticker;
// Gives the focus back to where it was when the toast came or, if it was on its way then, to where it went.
let back;

export function start() {
  document.addEventListener("htmx:afterSwap", ({ detail }) => detail.target === region && begin());
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (detail.requestConfig.elt.matches("[data-undo]") && outcome(detail) === "done") end();
  });
  document.addEventListener("focusin", remember);
  if (!region) return;
  // Time to read why it was not taken back, and to try again.
  region.addEventListener("htmx:afterRequest", () => { left = SHOWN_FOR; });
  tellReasons(region, () => region.querySelector("[data-unfiled]"));
}

/** Take back what the toast tells of. False when there is none. */
export function undo() {
  const form = region?.querySelector("[data-undo]");
  form?.requestSubmit();
  return Boolean(form);
}

function begin() {
  clearInterval(ticker);
  back = undefined;
  // The menu in which it was done closes first.
  requestAnimationFrame(remember);
  left = SHOWN_FOR;
  ticker = setInterval(() => {
    if (region.querySelector(":hover, :focus-within")) return;
    left -= TICK;
    if (left <= 0) leave();
  }, TICK);
}

/** The first place with the focus that stays: no menu that closes, and not nowhere, as when a line goes before the next
 * one has it. */
function remember() {
  const from = document.activeElement;
  if (back || !region?.firstElementChild || from === document.body || from.closest(".menu, #toasts")) return;
  const toLine = keepFocus(from);
  back = () => {
    if (from.isConnected) from.focus({ preventScroll: true });
    else toLine();
  };
}

function end() {
  clearInterval(ticker);
  const inside = region.contains(document.activeElement);
  region.replaceChildren();
  // After those who know of a better place.
  if (inside) setTimeout(giveBack);
}

function giveBack() {
  if (document.activeElement === document.body) back?.();
  if (document.activeElement === document.body) document.getElementById("main").focus({ preventScroll: true });
}

/** Nobody took it back: the page of a deleted conversation has nothing more to show. */
function leave() {
  const deleted = region.querySelector("[data-deleted]")?.dataset.deleted;
  end();
  if (deleted && deleted === document.body.dataset.conversation) location.assign("/");
}
