// The prompt that was chosen for a message: a chip above the text. In a new chat it goes along with the message and
// outlives a reload; in one that is there it offers its instructions.
import { composed, field, form, write } from "./composer.js";
import { outcome } from "./outcome.js";
import { preset } from "./models.js";
import { fill } from "./prompts-blanks.js";
import { say } from "./say.js";
import { load, save } from "./stored.js";

const slot = form?.querySelector("[data-chosen]");
const refused = form?.querySelector("[data-refused]");
const open = document.body.dataset.conversation;
const key = `prompt:${location.pathname}`;
const chip = () => slot.querySelector("[data-preset]");
const settings = () => `${form.elements.think.value} ${form.elements.alias.value}`;
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
  const before = field.value;
  const model = settings();
  const asked = ask(open ? `${url}?c=${open}` : url);
  const held = asked.catch(() => undefined);
  asking = held;
  const failed = await asked.then(() => "", ({ message }) => message);
  await composed();
  // Another one was chosen meanwhile.
  if (asking !== held) return undefined;
  asking = undefined;
  if (failed) {
    const why = document.querySelector(`[data-unsent="${failed === "gone" ? "failed" : "offline"}"]`);
    return refused.replaceChildren(why.content.cloneNode(true));
  }
  place(await asked, model);
  if (!open) save(key, url);
  refused.replaceChildren();
  say(`${chip().dataset.name} chosen`);
  return begin(field.value.startsWith(before) ? field.value.slice(before.length) : field.value);
}

/** What was typed while the prompt was on its way stays behind its first message, and the caret with it. */
function begin(since) {
  const first = firstMessage();
  write(first ? first + since : since.trimStart());
  if (!since) fill();
}

async function bringBack(url) {
  const model = settings();
  const held = ask(url).catch(({ message }) => message === "gone" && save(key));
  asking = held;
  const html = await held;
  if (asking !== held) return;
  asking = undefined;
  if (html) place(html, model);
  if (held.send) form.requestSubmit();
}

async function ask(url) {
  const response = await fetch(url, { headers: { "HX-Request": "true" } });
  if (!response.ok || response.redirected) throw new Error("gone");
  return response.text();
}

/** With the model that the prompt wants, if nobody has chosen one since the page had this one. */
function place(html, model) {
  slot.innerHTML = html;
  htmx.process(slot);
  if (!open && settings() === model) preset(chip().dataset.aliasOf, chip().dataset.thinkOf);
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
  save(key);
}

const stored = () => (open ? undefined : load(key));
