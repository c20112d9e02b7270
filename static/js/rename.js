// Renaming: the form lies on the title that it was opened for. Enter saves, Esc leaves everything as it was. It goes
// once the server has the title; else it says why not.
import { explain } from "./refused.js";
import { post } from "./post.js";
import { keepFocus, linkOf } from "./sidebar-focus.js";
import { retitle } from "./status.js";

const open = document.body.dataset.conversation;
const heading = document.getElementById("title");
const mine = document.querySelector("[data-title]");
const form = document.querySelector("[data-rename]");
const slot = form?.querySelector("[data-unsaved]");
let refocus = () => {};

const isOpen = () => form.matches(":popover-open");

export function start() {
  if (!form) return;
  document.addEventListener("keydown", ({ key }) => key === "F2" && renameHere());
  mine?.addEventListener("click", () => rename());
  document.querySelector('[popovertarget="rename"]')?.addEventListener("click", (event) => {
    event.preventDefault();
    rename();
  });
  form.addEventListener("toggle", ({ newState }) => (newState === "open" ? form.elements.title.select() : refocus()));
  form.addEventListener("submit", save);
}

/** The open conversation has this title now. */
export function entitle(title) {
  // A chat that is gone for good has none.
  if (!title) return;
  if (heading) heading.textContent = title;
  retitle(title);
  if (!isOpen()) form.elements.title.value = title;
}

/** Rename this line's conversation, or the open one. */
export function rename(line) {
  if (line) show(line.id.slice("c-".length), line.querySelector("a").title, line);
  else if (mine) show(open, heading.textContent, heading);
}

function renameHere() {
  if (isOpen()) return form.elements.title.focus();
  const line = document.activeElement.closest(".past li[id]");
  // The chats of others have their titles from them.
  return line?.matches("[data-shared]") ? undefined : rename(line);
}

function show(id, title, source) {
  // The line that it was opened from may be another one by the end.
  refocus = keepFocus();
  form.dataset.rename = id;
  form.action = `/c/${id}/rename/`;
  form.elements.title.value = title;
  slot.replaceChildren();
  form.showPopover({ source });
}

async function save(event) {
  event.preventDefault();
  const { rename: id } = form.dataset;
  const title = form.elements.title.value.trim();
  if (!title) return form.hidePopover();
  form.setAttribute("aria-busy", "true");
  const { how, html } = await post(form.action, { title });
  form.removeAttribute("aria-busy");
  const here = isOpen() && form.dataset.rename === id;
  if (how !== "done") return sayWhy(here, [how, html], [id, title]);
  // What was typed since is not saved.
  if (here && form.elements.title.value.trim() === title) leave(id);
  if (id === open) entitle(title);
  return undefined;
}

/** The focus goes back to where it came from, which may be a line that was replaced meanwhile. */
function leave(id) {
  form.hidePopover();
  const lost = document.activeElement === document.body || form.contains(document.activeElement);
  if (lost) linkOf(document.getElementById(`c-${id}`))?.focus({ preventScroll: true });
}

/** In the form, which is opened again if need be: when no other title is being written. */
function sayWhy(here, why, [id, title]) {
  if (!here && isOpen()) return form.addEventListener("toggle", () => sayWhy(false, why, [id, title]), { once: true });
  if (!here) show(id, title, id === open ? heading : document.getElementById(`c-${id}`) ?? document.body);
  explain(slot, ...why);
  return undefined;
}
