// The list of conversations, and what happens to them in any tab.
import { goneFromHere } from "./gone.js";
import { entitle } from "./rename.js";

const open = document.body.dataset.conversation;
const lineOf = (id) => document.getElementById(`c-${id}`);
// Frames that came while the list was fetched.
let meanwhile;

export function start() {
  document.addEventListener("htmx:afterSwap", ({ detail }) => detail.target.matches(".older") && joinGroups());
}

/** Take the list as the server has it now; what the socket tells meanwhile goes on top. */
export async function refresh() {
  const past = document.getElementById("past");
  if (!past) return;
  const focused = past.contains(document.activeElement) && document.activeElement.closest("li")?.id;
  const missed = (meanwhile = []);
  await htmx.ajax("GET", "/sidebar/", { target: past, swap: "innerHTML" });
  if (meanwhile === missed) meanwhile = undefined;
  missed.forEach(putAside);
  lineOf(open)?.querySelector("a").setAttribute("aria-current", "page");
  if (focused) document.getElementById(focused)?.querySelector("a").focus();
}

/** Bring a conversation's line up to date; `html` is "" when it is gone. */
export function putAside(frame) {
  meanwhile?.push(frame);
  const { c: id, html, title } = frame;
  const present = lineOf(id);
  const parsed = document.createElement("template");
  parsed.innerHTML = html;
  const line = parsed.content.querySelector("li");
  if (!line) present?.remove();
  // Only what was used just now moves up; a new title stays where it is.
  else if (present?.dataset.active === line.dataset.active) present.replaceWith(line);
  else {
    present?.remove();
    const today = document.getElementById("today");
    today.insertBefore(line, [...today.children].find((other) => active(other) < active(line)) ?? null);
  }
  if (id !== open) return;
  goneFromHere(!line);
  if (!line) return;
  line.querySelector("a").setAttribute("aria-current", "page");
  entitle(title);
}

const active = (line) => Number(line.dataset.active);

/** A page of older conversations may begin in the month that the page before ended in. */
function joinGroups() {
  const seen = new Map();
  for (const label of document.querySelectorAll(".past h2")) {
    const list = label.nextElementSibling;
    const earlier = seen.get(label.textContent);
    if (!earlier) seen.set(label.textContent, list);
    else {
      earlier.append(...list.children);
      list.remove();
      label.remove();
    }
  }
}
