// The list of conversations: what happens to them in any tab, and renaming.
import { goneFromHere } from "./gone.js";
import { retitle } from "./status.js";

const open = document.body.dataset.conversation;
const heading = document.querySelector("[data-title]");
const form = document.querySelector("[data-rename]");

export function start() {
  document.addEventListener("htmx:afterSwap", ({ detail }) => detail.target.matches(".older") && joinGroups());
  document.addEventListener("keydown", ({ key }) => key === "F2" && rename(document.activeElement.closest(".past li")));
  if (!form) return;
  heading?.addEventListener("click", () => rename());
  document.querySelector('[popovertarget="rename"]')?.addEventListener("click", (event) => {
    event.preventDefault();
    rename();
  });
  form.addEventListener("toggle", ({ newState }) => newState === "open" && form.elements.title.select());
  form.addEventListener("submit", save);
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

function entitle(title) {
  heading.textContent = title;
  retitle(title);
  if (form.matches(":popover-open")) return;
  form.elements.title.value = form.elements.title.defaultValue = title;
}

/** Rename this line's conversation, or the open one, where its title stands. */
function rename(line) {
  if (!line && !heading) return;
  const title = line ? line.querySelector("a").title : heading.textContent;
  form.dataset.rename = line ? line.id.slice("c-".length) : open;
  form.action = `/c/${form.dataset.rename}/rename/`;
  form.elements.title.value = title;
  form.showPopover({ source: line ?? heading });
}

function save(event) {
  event.preventDefault();
  const title = form.elements.title.value.trim();
  form.hidePopover();
  if (!title) return;
  if (form.dataset.rename === open) entitle(title);
  htmx.ajax("POST", form.action, { source: form, swap: "none", values: { title } });
}

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
