// The order of aliases: a row is dragged by its handle, or moved by its arrows; focus stays with what was moved.
import { outcome } from "./outcome.js";
import { say } from "./say.js";

let dragged;
let dropped;

document.addEventListener("pointerdown", begin);
document.addEventListener("pointermove", ({ clientY }) => dragged && follow(clientY));
document.addEventListener("pointerup", () => dragged && drop());
document.addEventListener("pointercancel", () => dragged && end());
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  const form = detail.requestConfig.elt;
  if (form.matches("[data-order]") && outcome(detail) !== "done") putBack(form);
});
document.addEventListener("htmx:afterSettle", ({ detail }) => {
  if (!detail.elt.matches("[data-order]")) return;
  const moved = document.querySelector("[data-moved]");
  if (moved) say(moved.textContent);
  if (document.activeElement === document.body) focusAgain(detail.requestConfig);
});

function begin(event) {
  const grip = event.target.closest("[data-grip]");
  if (!grip || event.button !== 0) return;
  event.preventDefault();
  const row = grip.closest("tr");
  dragged = { row, next: row.nextElementSibling };
  row.toggleAttribute("data-dragged", true);
}

/** The row goes where the pointer is: in front of the first row whose middle is below it. */
function follow(y) {
  const { row } = dragged;
  // The list came anew meanwhile, with another row in its place.
  if (!row.isConnected) return end();
  const rows = [...row.parentElement.rows].filter((one) => one !== row);
  const after = rows.find((one) => {
    const { top, height } = one.getBoundingClientRect();
    return y < top + height / 2;
  });
  if (after !== row.nextElementSibling) row.parentElement.insertBefore(row, after ?? null);
  return undefined;
}

function drop() {
  const { row, next } = dragged;
  end();
  if (!row.isConnected || row.nextElementSibling === next) return;
  dropped = { row, next };
  const form = row.closest("form");
  form.elements.alias.value = row.dataset.row;
  form.elements.before.value = row.nextElementSibling?.dataset.row ?? "";
  form.requestSubmit();
}

function end() {
  dragged.row.removeAttribute("data-dragged");
  dragged = undefined;
}

/** Nothing has changed on the server: the row and the form are as before. */
function putBack(form) {
  dropped?.row.parentElement.insertBefore(dropped.row, dropped.next);
  dropped = undefined;
  form.elements.alias.value = "";
}

/** A button that is replaced loses the focus; one at the end of its way is disabled, then its neighbour has it. */
function focusAgain(config) {
  const { id } = config?.triggeringEvent?.submitter ?? {};
  const button = id && document.getElementById(id);
  if (!button) return;
  const near = button.disabled ? button.parentElement.querySelector("button:not(:disabled)") : button;
  near?.focus({ preventScroll: true });
}
