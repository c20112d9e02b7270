// What can be done to a line of the list: one menu for all lines, filled by the server when it is opened.
import { tellReasons } from "./refused.js";
import { outcome } from "./outcome.js";
import { rename } from "./rename.js";
import { keepFocus } from "./sidebar-focus.js";

const menu = document.getElementById("file-menu");
let opener;
let refocus = () => {};

export function start() {
  if (!menu) return;
  document.addEventListener("click", clicked);
  tellReasons(menu, () => menu.querySelector("[data-unfiled]"));
  menu.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (detail.requestConfig.verb === "post" && outcome(detail) === "done") menu.hidePopover();
  });
  // The line that it was opened from may be another one by now.
  menu.addEventListener("toggle", ({ newState }) => newState === "closed" && refocus());
  document.addEventListener("parley:filed", reattach);
  document.addEventListener("htmx:afterSwap", reattach);
}

function clicked(event) {
  const named = event.target.closest("[data-rename-line]");
  if (named) return renameLine(named.dataset.renameLine);
  const link = event.target.closest("[data-file]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return undefined;
  event.preventDefault();
  return open(link);
}

async function open(link) {
  // A link in another menu, which closes.
  const { id } = link.closest(".menu") ?? {};
  opener = id ? document.querySelector(`[popovertarget="${id}"]`) : link;
  refocus = keepFocus(opener);
  menu.replaceChildren();
  try {
    await htmx.ajax("GET", link.getAttribute("href"), { source: menu, target: menu, swap: "innerHTML" });
  } catch {
    return;
  }
  menu.showPopover({ source: opener });
  menu.querySelector("button, input:not([type=hidden])")?.focus();
}

/** The list came anew while the menu is open: what it hangs on goes back into its line, or the menu closes with it. */
function reattach() {
  if (!opener || opener.isConnected || !menu.matches(":popover-open")) return;
  const now = document.querySelector(`#${opener.closest("li").id} [data-file]`);
  if (!now) return menu.hidePopover();
  opener.ariaLabel = now.ariaLabel;
  now.replaceWith(opener);
}

function renameLine(id) {
  menu.hidePopover();
  rename(document.getElementById(`c-${id}`));
}
