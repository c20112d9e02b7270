// The list of conversations, and what happens to them in any tab.
import { goneFromHere } from "./gone.js";
import { entitle } from "./rename.js";

const open = document.body.dataset.conversation;

export function start() {
  document.addEventListener("htmx:afterSwap", ({ detail }) => detail.target.matches(".older") && joinGroups());
}

/** Bring a conversation's line up to date; `html` is "" when it is gone. */
export function putAside({ c: id, html, title }) {
  const present = document.getElementById(`c-${id}`);
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
