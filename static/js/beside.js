// Other models that are to answer the next question beside the chosen one: at most two, and for one question alone.
import { form } from "./composer.js";

const MOST = 2;

const menu = document.querySelector("[data-besides]");
const ticks = menu ? [...menu.querySelectorAll("[name=beside]")] : [];

export function start() {
  if (!menu) return;
  menu.addEventListener("change", show);
  form.addEventListener("change", show);
  form.addEventListener("parley:alias", show);
  form.addEventListener("parley:sent", clear);
  show();
}

/** The model that answers anyway is none of the others. */
function show() {
  const chosen = form.querySelector('[name="alias"]').value;
  for (const tick of ticks) if (tick.value === chosen) tick.checked = false;
  const ticked = ticks.filter((tick) => tick.checked);
  for (const tick of ticks) tick.disabled = tick.value === chosen || (!tick.checked && ticked.length >= MOST);
  const names = ticked.map((tick) => tick.value).join(", ");
  const button = document.querySelector("[data-beside-shown]");
  button.setAttribute("aria-label", names ? `Compare with ${names}` : "Compare with other models");
  button.toggleAttribute("data-on", Boolean(names));
  document.querySelector("[data-beside-count]").textContent = ticked.length ? `+${ticked.length}` : "";
}

function clear() {
  for (const tick of ticks) tick.checked = false;
  show();
}
