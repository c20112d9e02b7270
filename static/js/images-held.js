// Send was pressed before the images were there: it goes by itself when they are, unless something changes.
import { form, pending } from "./images.js";

const note = form?.querySelector("[data-held]");
const WAITING = note?.querySelector("span").textContent;
let held = false;

export function start() {
  if (!form) return;
  form.addEventListener("parley:images", ({ detail }) => changed(detail));
  form.addEventListener("input", ({ isTrusted }) => isTrusted && release());
  note.querySelector("[data-release]").addEventListener("click", () => {
    release();
    form.querySelector("#text").focus();
  });
  document.addEventListener("keydown", pressed, { capture: true });
}

/** True when the message has to wait for its images; then it is sent later. */
export function hold() {
  if (!form || !pending()) {
    release();
    return false;
  }
  held = true;
  tell(WAITING);
  return true;
}

function changed({ failed, edited }) {
  if (!held) return edited && release();
  if (failed) {
    release();
    tell(`Not sent: ${failed} could not be attached. Remove it or try it again, then send.`);
  } else if (edited) {
    release();
  } else if (!pending()) {
    release();
    form.requestSubmit();
  }
  return undefined;
}

function pressed(event) {
  if (!held || event.key !== "Escape" || event.isComposing) return;
  if (document.querySelector(":popover-open, dialog[open]")) return;
  // The same key would stop a running answer.
  event.preventDefault();
  release();
}

function release() {
  held = false;
  if (note) note.hidden = true;
}

function tell(words) {
  note.querySelector("span").textContent = words;
  note.querySelector("[data-release]").hidden = !held;
  note.hidden = false;
}
