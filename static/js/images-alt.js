// Words beside the images: what one shows, for people who do not see it, and that a model cannot read images at all.
import { any, form } from "./images.js";
import { post } from "./post.js";

const menu = document.getElementById("models");
const blind = form?.querySelector("[data-blind]");

export function start() {
  if (!form) return;
  form.addEventListener("toggle", opened, { capture: true });
  form.addEventListener("change", ({ target }) => target.matches("[data-alt]") && save(target));
  form.addEventListener("keydown", finished);
  if (!menu) return;
  form.addEventListener("parley:images", warn);
  new MutationObserver(warn).observe(menu, { subtree: true, attributeFilter: ["aria-checked"] });
  blind.querySelector("[data-switch]").addEventListener("click", () => {
    seeing()?.click();
    form.querySelector("#text").focus();
  });
}

function opened({ target, newState }) {
  if (newState === "open") target.querySelector("[data-alt]")?.focus();
}

/** Enter ends the description; it must not send the message. */
function finished(event) {
  if (event.key !== "Enter" || !event.target.matches("[data-alt]")) return;
  event.preventDefault();
  if (event.isComposing || event.keyCode === 229) return;
  event.target.closest("[popover]").hidePopover();
}

async function save(input) {
  const box = input.closest("[popover]");
  const { how } = await post(input.dataset.alt, { alt: input.value });
  const saved = how === "done";
  box.querySelector("[data-alt-kept]").textContent = saved ? "Saved." : "It could not be saved; change it again.";
  const button = form.querySelector(`[popovertarget="${box.id}"]`);
  if (!saved) return;
  button.toggleAttribute("data-described", input.value.trim() !== "");
  button.title = input.value.trim() || button.getAttribute("aria-label");
}

const chosen = () => menu.querySelector('[data-alias][aria-checked="true"]');
const seeing = () => menu.querySelector("[data-alias][data-vision]");

/** The message can be sent all the same. */
function warn() {
  const alias = chosen();
  blind.hidden = !any() || !alias || "vision" in alias.dataset;
  if (blind.hidden) return;
  blind.querySelector("[data-blind-alias]").textContent = alias.dataset.alias;
  blind.querySelector("[data-switch]").hidden = !seeing();
  blind.querySelector("[data-seeing-alias]").textContent = seeing()?.dataset.alias ?? "";
}
