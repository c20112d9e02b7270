// The prompt that was chosen for a message: a chip above the text. In a new chat it goes along with the message and
// outlives a reload; in one that is there it offers its instructions.
import { field, form, write } from "./composer.js";
import { outcome } from "./outcome.js";
import { preset } from "./models.js";
import { fill } from "./prompts-blanks.js";
import { say } from "./say.js";

const slot = form?.querySelector("[data-chosen]");
const refused = form?.querySelector("[data-refused]");
const open = document.body.dataset.conversation;
const key = `prompt:${location.pathname}`;
const chip = () => slot.querySelector("[data-preset]");
const firstMessage = () => chip().querySelector("[data-first-message]").content.textContent;
// While the server is asked for a prompt nothing is sent without it.
let asking;

export function start() {
  if (!slot) return;
  form.addEventListener("submit", hold, { capture: true });
  form.addEventListener("parley:sent", clear);
  slot.addEventListener("click", clicked);
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    if (detail.requestConfig.elt.matches("[data-instruct]") && outcome(detail) === "done") remove();
  });
  if (chip()) firstMessage() && field.value.trim() === firstMessage().trim() && fill();
  else if (stored()) bringBack(stored());
}

/** Put this prompt into the composer, in the place of what is typed. */
export async function take(url) {
  const asked = ask(open ? `${url}?c=${open}` : url);
  asking = asked.catch(() => undefined);
  try {
    place(await asked);
  } catch ({ message }) {
    const why = document.querySelector(`[data-unsent="${message === "gone" ? "failed" : "offline"}"]`);
    return refused.replaceChildren(why.content.cloneNode(true));
  } finally {
    asking = undefined;
  }
  if (!open) store(url);
  refused.replaceChildren();
  say(`${chip().dataset.name} chosen`);
  write(firstMessage());
  return fill();
}

async function bringBack(url) {
  asking = ask(url).then(place, ({ message }) => message === "gone" && store(""));
  const held = asking;
  await held;
  if (asking === held) asking = undefined;
  if (held.send) form.requestSubmit();
}

async function ask(url) {
  const response = await fetch(url, { headers: { "HX-Request": "true" } });
  if (!response.ok || response.redirected) throw new Error("gone");
  return response.text();
}

function place(html) {
  slot.innerHTML = html;
  htmx.process(slot);
  if (!open) preset(chip().dataset.aliasOf, chip().dataset.thinkOf);
}

/** A draft that waits for its prompt goes by itself; what is being replaced does not. */
function hold(event) {
  if (!asking) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  asking.send = true;
}

function clicked(event) {
  if (!event.target.closest("[data-preset-remove]")) return;
  event.preventDefault();
  remove();
}

function remove() {
  if (!chip()) return;
  say(`${chip().dataset.name} removed`);
  clear();
  field.focus();
}

function clear() {
  slot.replaceChildren();
  store("");
}

function stored() {
  try {
    return open ? "" : localStorage.getItem(key);
  } catch {
    return "";
  }
}

function store(url) {
  try {
    if (url) localStorage.setItem(key, url);
    else localStorage.removeItem(key);
  } catch {
    // No room, or storage is switched off: the chip is there until the page goes.
  }
}
