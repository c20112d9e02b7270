// Renaming: the form lies on the title that it was opened for. Enter saves, Esc leaves everything as it was.
import { retitle } from "./status.js";

const open = document.body.dataset.conversation;
const heading = document.querySelector("[data-title]");
const form = document.querySelector("[data-rename]");

export function start() {
  if (!form) return;
  document.addEventListener("keydown", ({ key }) => key === "F2" && rename(document.activeElement.closest(".past li")));
  heading?.addEventListener("click", () => rename());
  document.querySelector('[popovertarget="rename"]')?.addEventListener("click", (event) => {
    event.preventDefault();
    rename();
  });
  form.addEventListener("toggle", ({ newState }) => newState === "open" && form.elements.title.select());
  form.addEventListener("submit", save);
}

/** The open conversation has this title now. */
export function entitle(title) {
  heading.textContent = title;
  retitle(title);
  if (!form.matches(":popover-open")) form.elements.title.value = title;
}

/** Rename this line's conversation, or the open one. */
function rename(line) {
  if (!line && !heading) return;
  form.dataset.rename = line ? line.id.slice("c-".length) : open;
  form.action = `/c/${form.dataset.rename}/rename/`;
  form.elements.title.value = line ? line.querySelector("a").title : heading.textContent;
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
