// The page of folders: a refusal is said there, and what is replaced keeps the focus.
import { tellReasons } from "./refused.js";

export function start() {
  if (!document.querySelector("[data-folders]")) return;
  tellReasons(document.getElementById("main"), () => document.querySelector("[data-folders] [data-unfiled]"));
  document.addEventListener("htmx:afterSettle", ({ detail }) => {
    if (detail.target.matches("[data-folders]")) focusAgain(detail.requestConfig);
  });
}

/** A button at the end of its way is disabled: then its neighbour has the focus. */
function focusAgain({ elt, triggeringEvent }) {
  if (document.activeElement !== document.body) return;
  const { id } = triggeringEvent?.submitter ?? elt;
  const same = id ? document.getElementById(id) : document.getElementById("new-folder");
  const near = same?.disabled ? same.parentElement.querySelector("button:not(:disabled)") : same;
  (near ?? document.getElementById("new-folder")).focus({ preventScroll: true });
}
