// Who may read a conversation: a dialog over it, or pages. The focus goes to what was just made, and what could not be
// done is said here.
import { tellReasons } from "./refused.js";
import { localise } from "./time.js";

const dialog = document.getElementById("share");

export function start() {
  document.addEventListener("htmx:afterSettle", swapped);
  dialog?.addEventListener("close", () => dialog.replaceChildren());
  for (const field of document.querySelectorAll("[data-fresh]")) field.select();
  for (const place of document.querySelectorAll("[data-shares]")) tellReasons(place, () => place.querySelector("[data-undone]"));
}

function swapped({ detail }) {
  const { target, requestConfig } = detail;
  if (target === dialog) return open();
  if (!target.matches("#links, #members, #shares, #shared-members")) return undefined;
  const part = document.getElementById(target.id);
  localise(part);
  return goOn(part, requestConfig.elt) || settle(part);
}

/** Somebody is at something else by now, which a heading is not; or in a list, to choose what one may do. */
function goOn(part, asked) {
  const { activeElement: focused } = document;
  if (focused.matches("body, [tabindex='-1']")) return false;
  return !part.contains(focused) || focused.matches("select") || !asked.querySelector(`[id="${focused.id}"]`);
}

function open() {
  localise(dialog);
  if (!dialog.open) dialog.showModal();
  dialog.querySelector("#share-h").focus();
}

/** What the form led to: the new address, what is asked, what is wrong, or the list. */
function settle(part) {
  const address = part.querySelector("[data-fresh]");
  (address ?? part.querySelector("[data-asked]") ?? part.querySelector('[aria-invalid="true"]') ?? part.querySelector("[tabindex='-1']")).focus();
  address?.select();
}
