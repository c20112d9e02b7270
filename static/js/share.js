// Who may read a conversation: a dialog over it, or pages. The focus goes to what was just made, and what could not be
// done is said here.
import { tellReasons } from "./refused.js";
import { localise } from "./time.js";

const dialog = document.getElementById("share");

export function start() {
  document.addEventListener("htmx:afterSwap", swapped);
  dialog?.addEventListener("close", () => dialog.replaceChildren());
  for (const field of document.querySelectorAll("[data-fresh]")) field.select();
  for (const place of document.querySelectorAll("[data-shares]")) tellReasons(place, () => place.querySelector("[data-undone]"));
}

function swapped({ detail }) {
  const { target } = detail;
  if (target === dialog) return open();
  const part = document.getElementById(target.id);
  // What one may do was chosen in a list that is there again.
  if (target.matches("#members") && part.contains(document.activeElement)) return undefined;
  if (target.matches("#links, #members, #shares, #shared-members")) settle(part);
  return undefined;
}

function open() {
  localise(dialog);
  if (!dialog.open) dialog.showModal();
  dialog.querySelector("#share-h").focus();
}

/** What the form led to: the new address, what is asked, what is wrong, or the list. */
function settle(part) {
  localise(part);
  const address = part.querySelector("[data-fresh]");
  (address ?? part.querySelector("[data-asked]") ?? part.querySelector('[aria-invalid="true"]') ?? part.querySelector("[tabindex='-1']")).focus();
  address?.select();
}
