// The list of conversations, and what happens to them in any tab.
import { hereIs } from "./filing-here.js";
import { afterPress } from "./press.js";
import { entitle } from "./rename.js";
import { keepFocus, linkOf } from "./sidebar-focus.js";
import { joinGroups, placed } from "./sidebar-place.js";
import { look } from "./unread.js";

const past = document.getElementById("past");
const open = document.body.dataset.conversation;
// The list is being fetched; the frames that came meanwhile; and whether that is to be done once more.
let fetching;
let meanwhile = [];
let again = false;
let refocus = () => {};

export function start() {
  document.addEventListener("htmx:beforeSwap", ({ detail }) => {
    if (detail.target === past && afterPress(refresh)) detail.shouldSwap = false;
    else if (past?.contains(detail.target)) refocus = keepFocus();
  });
  document.addEventListener("htmx:afterSwap", ({ detail }) => {
    if (detail.target.matches(".older")) joinGroups();
    if (detail.target === past) settle();
    refocus();
    refocus = () => {};
  });
}

/** Stands for what the server had told when it made the list. */
export function told() {
  return past.querySelector("[data-told]").dataset.told;
}

/** Take the list as the server has it now, as much of it as is shown. */
export function refresh() {
  if (!past || afterPress(refresh)) return undefined;
  again = Boolean(fetching);
  fetching ??= fetched();
  return fetching;
}

/** Bring a conversation's line up to date; `html` is "" when it is not listed. */
export function putAside(frame) {
  if (fetching) meanwhile.push(frame);
  const focus = keepFocus();
  if (!afterPress(refresh) && !placed(frame)) refresh();
  focus();
  document.dispatchEvent(new Event("parley:filed"));
  if (frame.c !== open) return;
  current();
  hereIs(frame);
  entitle(frame.title);
}

/** Several conversations were filed, or folders changed: `chats` has what open pages must know. */
export function refile({ chats }) {
  refresh();
  document.dispatchEvent(new Event("parley:filed"));
  if (!chats[open]) return;
  hereIs(chats[open]);
  entitle(chats[open].title);
}

async function fetched() {
  do {
    again = false;
    meanwhile = [];
    const values = { lines: past.querySelectorAll("#days li").length, ...(open && { c: open }) };
    await htmx.ajax("GET", "/sidebar/", { source: past, target: past, swap: "innerHTML", values }).catch(() => {});
  } while (again);
  fetching = undefined;
}

/** What the socket told while the list was fetched goes on top. */
function settle() {
  meanwhile.forEach(placed);
  current();
  look();
}

function current() {
  linkOf(document.getElementById(`c-${open}`))?.setAttribute("aria-current", "page");
}
