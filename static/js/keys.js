// Keys for the whole page; those of the composer and of the menus are with them.
import { openSearch } from "./search-open.js";
import { undo } from "./toast.js";

const dialog = document.getElementById("keys");
const apple = /Mac|iP(hone|ad)/.test(navigator.platform);

export function start() {
  document.addEventListener("keydown", pressed);
  document.addEventListener("keydown", guard, { capture: true });
  document.addEventListener("click", ({ target }) => {
    // What was chosen in a menu closes it.
    target.closest(".menu:not([data-stays]) :is(a, button)")?.closest("[popover]").hidePopover();
    if (target.closest('[data-dialog="keys"]')) show();
  });
  // For browsers without `closedby`.
  dialog?.addEventListener("click", ({ target }) => target === dialog && dialog.close());
  if (!apple) return;
  for (const key of document.querySelectorAll("[data-mod]")) key.textContent = "⌘";
  for (const key of document.querySelectorAll("[data-alt]")) key.textContent = "⌥";
}

/** An Enter that only ends a composition must not submit a form; Safari reports it after the composition. */
function guard(event) {
  if (event.key === "Enter" && (event.isComposing || event.keyCode === 229) && event.target.matches("input")) {
    event.preventDefault();
  }
}

function pressed(event) {
  if (event.defaultPrevented || event.isComposing || event.keyCode === 229) return;
  const command = apple ? event.metaKey : event.ctrlKey;
  if (event.key === "Escape") return stop();
  if (command && event.shiftKey && event.key.toLowerCase() === "o") return go(event, openNew);
  if (command && event.key === "/") return go(event, show);
  if (command && !event.shiftKey && event.key.toLowerCase() === "k") return go(event, openSearch);
  if (command && !event.shiftKey && event.key.toLowerCase() === "z") return takeBack(event);
  if (event.altKey && event.key === "ArrowUp") return go(event, () => step(-1));
  if (event.altKey && event.key === "ArrowDown") return go(event, () => step(1));
}

function go(event, act) {
  event.preventDefault();
  act();
}

/** In a text the key takes back what was typed. */
function takeBack(event) {
  if (!event.target.matches("textarea, input:not(.tick)") && undo()) event.preventDefault();
}

/** Esc closes the topmost menu or dialog by itself; only without one it stops the answer. */
function stop() {
  if (document.querySelector(":popover-open, dialog[open]") || !document.querySelector(".thread > [data-live]")) return;
  document.getElementById("stop").requestSubmit();
}

function show() {
  if (!dialog || dialog.open) return;
  dialog.showModal();
  dialog.querySelector("h2").focus();
}

const openNew = () => document.querySelector("[data-new-chat]")?.click();

function step(by) {
  const turns = [...document.querySelectorAll(".thread > .turn")];
  const focused = turns.indexOf(document.activeElement.closest(".turn"));
  const from = focused < 0 ? turns.length : focused;
  const turn = turns[Math.min(from + by, turns.length - 1)];
  turn?.querySelector(".by").focus({ preventScroll: true });
  turn?.scrollIntoView({ block: "start" });
}
