// Forms with a page of their own: mistakes and other troubles are said in them, with everything typed still there. Once
// the server has it, the page goes to where Cancel leads.
import { explain } from "./refused.js";
import { outcome } from "./outcome.js";

const ALONE = "[data-alone]";

export function start() {
  // The page with what is wrong in it: the form is taken from that.
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (detail.requestConfig.elt.matches(ALONE)) detail.shouldSwap = hasMistakes(detail);
  });
  document.addEventListener("htmx:afterRequest", ended, { capture: true });
}

const hasMistakes = (detail) => detail.xhr.status === 422 && outcome(detail) === "failed";

function ended(event) {
  const form = event.detail.requestConfig.elt;
  if (!form.matches(ALONE)) return;
  const how = outcome(event.detail);
  if (how === "done") return location.assign(document.querySelector("[data-leave]").href);
  if (hasMistakes(event.detail)) return document.querySelector(`${ALONE} [aria-invalid="true"]`)?.focus();
  explain(form.querySelector("[data-trouble]"), how, event.detail.xhr.responseText);
  return undefined;
}
