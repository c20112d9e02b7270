// The pages of providers: what failed is said where it was asked for, focus stays, a long list can be searched.
import { outcome } from "./outcome.js";
import { localise } from "./time.js";

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  const asked = detail.requestConfig.elt;
  if (!asked.matches("[data-may-fail]")) return;
  const how = outcome(detail);
  if (how !== "done") explain(how, detail);
  // A disabled button loses the focus, a replaced one too.
  if (document.activeElement === document.body) focusAgain(asked);
});
document.addEventListener("htmx:afterSettle", ({ detail }) => {
  localise(document);
  // Asked for from a row far below.
  if (detail.target.matches("[data-failed]")) detail.target.scrollIntoView({ block: "nearest" });
  if (document.activeElement === document.body) focusAgain(detail.requestConfig?.elt);
});
document.addEventListener("input", ({ target }) => target.matches("[data-filter]") && filter(target));

function explain(how, { target, xhr }) {
  const place = target.matches("[data-failed]") ? target : target.querySelector("[data-failed]");
  if (how === "refused") place.innerHTML = xhr.responseText;
  else place.replaceChildren(document.querySelector(`[data-unsent="${how}"]`).content.cloneNode(true));
}

function focusAgain(asked) {
  const button = asked?.isConnected ? asked : document.querySelector("[data-refocus]");
  if (button?.matches(".btn")) button.focus({ preventScroll: true });
}

function filter(field) {
  const wanted = field.value.trim().toLowerCase();
  let shown = 0;
  for (const row of document.querySelectorAll(`${field.dataset.filter} > tr`)) {
    row.hidden = !row.cells[0].textContent.toLowerCase().includes(wanted);
    if (!row.hidden) shown += 1;
  }
  document.querySelector("[data-none]").hidden = shown > 0;
}
