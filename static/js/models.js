// The model for the next message: a menu, on the new page also cards; and whether it thinks first.
const menu = document.getElementById("models");
const toggle = document.querySelector("[data-think]");
const form = document.querySelector("[data-composer]");
const items = menu ? [...menu.querySelectorAll("[data-alias]")] : [];
let wanted = false;
// Somebody said whether to think; until then a new conversation does as its alias does by default.
let said = false;

export function start() {
  if (!menu) return;
  wanted = form.elements.think.value === "1";
  menu.addEventListener("toggle", ({ newState }) => newState === "open" && chosen()?.focus());
  menu.addEventListener("keydown", moved);
  menu.addEventListener("click", ({ target }) => {
    const item = target.closest("[data-alias]");
    if (item) choose(item);
  });
  document.addEventListener("change", ({ target }) => {
    if (target.matches("[data-pick]")) choose(items.find((item) => item.dataset.alias === target.value));
  });
  document.addEventListener("click", ({ target }) => {
    if (target.closest('[data-start="think"]')) think(true);
  });
  toggle.addEventListener("click", () => think(!wanted));
  settle(chosen()?.dataset.thinking);
}

const chosen = () => items.find((item) => item.getAttribute("aria-checked") === "true");

function choose(item) {
  const name = item.dataset.alias;
  for (const one of items) one.setAttribute("aria-checked", one === item);
  for (const label of document.querySelectorAll("[data-alias-shown]")) label.textContent = name;
  for (const card of document.querySelectorAll("[data-pick]")) card.checked = card.value === name;
  document.querySelector("[data-models]").setAttribute("aria-label", `Model: ${name}`);
  form.querySelector('[name="alias"]').value = name;
  form.dispatchEvent(new Event("parley:alias"));
  if (!said && !document.body.dataset.conversation) wanted = "thinkFirst" in item.dataset;
  settle(item.dataset.thinking);
}

/** Choose this model, if it is offered, and whether it thinks: "1", "0", or "" for as it does by default. */
export function preset(alias, thinks) {
  const item = items.find((one) => one.dataset.alias === alias);
  if (item) choose(item);
  if (toggle && thinks) think(thinks === "1");
}

function think(on) {
  wanted = on;
  said = true;
  settle(chosen()?.dataset.thinking);
}

function settle(thinking = "none") {
  const on = thinking === "always" || (thinking === "optional" && wanted);
  form.querySelector('[name="think"]').value = on ? "1" : "";
  toggle.hidden = thinking === "none";
  toggle.disabled = thinking === "always";
  toggle.title = thinking === "always" ? toggle.dataset.always : "Think before answering";
  toggle.setAttribute("aria-pressed", on);
}

function moved(event) {
  const at = items.indexOf(document.activeElement);
  const next = {
    ArrowDown: items[(at + 1) % items.length],
    ArrowUp: items.at(at - 1),
    Home: items[0],
    End: items.at(-1),
  }[event.key] ?? typedFor(event, at);
  if (!next) return;
  event.preventDefault();
  next.focus();
}

function typedFor({ key, ctrlKey, metaKey, altKey }, at) {
  if (key.length !== 1 || key === " " || ctrlKey || metaKey || altKey) return undefined;
  const after = [...items.slice(at + 1), ...items.slice(0, at + 1)];
  return after.find((item) => item.dataset.alias.toLowerCase().startsWith(key.toLowerCase()));
}
