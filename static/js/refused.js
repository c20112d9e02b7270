// Why something was not done, said where it was asked for.
import { outcome } from "./outcome.js";

/** Listen to the requests of this element; `place` says where its reasons go. */
export function tellReasons(element, place) {
  element.addEventListener("htmx:afterRequest", (event) => {
    const slot = place(event);
    if (!slot) return;
    const how = outcome(event.detail);
    explain(slot, how, event.detail.xhr.responseText);
    // Else the composer would say it as well.
    if (how !== "done") event.stopPropagation();
  });
}

/** Say here how it ended; what the server says comes as HTML. */
export function explain(slot, how, html) {
  slot.replaceChildren();
  if (how === "refused") slot.innerHTML = html;
  else if (how !== "done") slot.append(document.querySelector(`[data-unfiled-for="${how}"]`).content.cloneNode(true));
}
