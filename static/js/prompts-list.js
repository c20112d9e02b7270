// The pages of prompts: what was done to a line keeps the focus near it, and what failed is said above the list.
import { outcome } from "./outcome.js";
import { localise } from "./time.js";

const rows = () => [...document.querySelectorAll("[data-library] tbody tr")];
let at = 0;

document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  if (detail.elt.matches("[data-library] form")) at = rows().indexOf(detail.elt.closest("tr"));
});
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  const asked = detail.requestConfig.elt;
  if (asked.matches("[data-library-search]")) return searched(detail);
  if (!asked.matches("[data-archives]")) return;
  const how = outcome(detail);
  explain(how);
  if (how === "done") focusNear(asked);
  return undefined;
});

/** The address names what is shown, for a reload and for others. */
function searched(detail) {
  const how = outcome(detail);
  explain(how);
  if (how === "done") history.replaceState(null, "", detail.xhr.responseURL);
}

function explain(how) {
  const place = document.querySelector("[data-failed]");
  if (how === "done") place.replaceChildren();
  else place.replaceChildren(document.querySelector(`[data-unsent="${how === "refused" ? "failed" : how}"]`).content.cloneNode(true));
}

/** The line that came back, else the one that stands where the other one stood, else the list. */
function focusNear(asked) {
  localise(document);
  if (document.activeElement !== document.body) return;
  const back = document.querySelector(`[data-row="${asked.dataset.archives}"]`);
  const row = back ?? rows()[Math.min(at, rows().length - 1)];
  (row?.querySelector("a") ?? document.getElementById("library")).focus({ preventScroll: true });
}
