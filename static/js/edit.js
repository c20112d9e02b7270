// A question is edited in its place. The form comes from the server; Cancel and Esc show the question again. Where a
// page was left in the middle of that, the form is opened again.
import * as held from "./held.js";
import { forget } from "./kept.js";
import { outcome } from "./outcome.js";

const composer = document.getElementById("text");
const touch = matchMedia("(pointer: coarse)");

export function start() {
  document.addEventListener("htmx:afterSettle", ({ target, detail }) => {
    const form = target.querySelector?.(":scope > [data-edit]");
    if (form) open(form, detail.requestConfig.triggeringEvent);
  });
  reopen(document);
  composer?.addEventListener("keydown", editLast);
}

/** Open the questions in here again that were being edited when a page was left. */
export function reopen(root) {
  for (const link of root.querySelectorAll("[data-edits]")) {
    const id = link.closest(".turn").id.slice(1);
    held.reopen(link, `edit:${id}`, link.closest(".body"), "beforeend");
  }
}

function open(form, asked) {
  const field = form.elements.text;
  form.dataset.edit = held.bodyOf(form.closest(".turn").id.slice(1));
  held.hold(form.dataset.edit, form);
  if (asked) {
    field.focus({ preventScroll: true });
    form.scrollIntoView({ block: "center" });
  }
  field.setSelectionRange(field.value.length, field.value.length);
  form.addEventListener("keydown", pressed);
  // Also where its row is gone already.
  form.addEventListener("htmx:afterRequest", ({ detail }) => outcome(detail) === "done" && held.hold(form.dataset.edit));
  form.querySelector("[data-leave]").addEventListener("click", (event) => {
    event.preventDefault();
    leave(form);
  });
}

function pressed(event) {
  if (event.isComposing || event.keyCode === 229) return;
  if (event.key === "Escape") {
    event.preventDefault();
    leave(event.currentTarget);
  }
  if (event.key !== "Enter" || !event.target.matches("textarea")) return;
  const always = event.ctrlKey || event.metaKey;
  if (!always && (event.shiftKey || event.altKey || touch.matches)) return;
  event.preventDefault();
  event.currentTarget.requestSubmit();
}

/** Close the form; what opened it has the focus, unless that is elsewhere by now. */
export function leave(form) {
  held.hold(form.dataset.edit);
  forget(form);
  const turn = form.closest(".turn");
  const here = document.activeElement === document.body || form.contains(document.activeElement);
  form.remove();
  if (here) turn.querySelector("[data-edits]").focus();
}

/** ↑ in an empty composer edits the last question. */
function editLast(event) {
  if (event.key !== "ArrowUp" || composer.value || event.altKey || event.isComposing || event.keyCode === 229) return;
  const last = [...document.querySelectorAll("[data-edits]")].at(-1);
  if (!last) return;
  event.preventDefault();
  last.click();
}
