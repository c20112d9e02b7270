// Sending: the text stays in the field until the server has it, and whatever went wrong is said next to it.
import { composed, confirmed, form, idToSend, refresh, sendable, sendThere } from "./composer.js";
import { toEnd } from "./follow.js";
import { hold } from "./images-held.js";
import { findLost } from "./images-kept.js";
import { outcome } from "./outcome.js";

const slot = document.querySelector("[data-refused]");
// Send was pressed while a message was under way: what was typed since follows it.
let again = false;
// The page of a new conversation is on its way; until it is there the request counts as under way.
let leaving = false;

export function start() {
  if (!form) return;
  // While it is captured, before htmx reads the form.
  form.addEventListener("submit", prepare, { capture: true });
  document.addEventListener("htmx:afterRequest", ({ detail }) => ended(detail));
}

function prepare(event) {
  again = form.classList.contains("htmx-request");
  if (again && leaving) sendThere();
  if (again || !sendable() || hold()) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  form.elements.client_id.value = idToSend();
  slot.replaceChildren();
  toEnd();
}

function ended(detail) {
  const how = outcome(detail);
  if (how === "refused" && detail.requestConfig.elt === form) findLost();
  if (how !== "done") explain(how, detail.xhr);
  else if (detail.requestConfig.elt === form) arrived(detail.xhr.getResponseHeader("HX-Redirect"));
  else if (detail.requestConfig.verb === "post") slot.replaceChildren();
  refresh();
}

/** `path`: a new conversation has a page of its own. */
async function arrived(path) {
  const follows = again;
  again = false;
  leaving = Boolean(path);
  if (!leaving) await composed();
  confirmed(path);
  if (!follows) return;
  if (leaving) sendThere();
  else setTimeout(() => form.requestSubmit());
}

function explain(how, xhr) {
  if (how === "refused") slot.innerHTML = xhr.responseText;
  else slot.replaceChildren(document.querySelector(`[data-unsent="${how}"]`).content.cloneNode(true));
}
