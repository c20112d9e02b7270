// The blanks of a prompt's first message, {{such}} ones: each is selected in its turn, until all are filled.
import { field, form } from "./composer.js";
import { say } from "./say.js";

const BLANK = /\{\{[^{}\n]{1,80}\}\}/g;
let filling = false;

const blanks = () => [...field.value.matchAll(BLANK)].map(({ index, 0: text }) => ({ text, from: index, to: index + text.length }));

export function start() {
  if (!form) return;
  field.addEventListener("keydown", pressed);
  field.addEventListener("input", look);
  field.addEventListener("click", tapped);
  form.addEventListener("parley:sent", look);
}

/** Begin with the first blank of what the composer holds now. */
export function fill() {
  filling = true;
  look();
  const [first] = blanks();
  if (first) select(first);
  else field.setSelectionRange(field.value.length, field.value.length);
}

function look() {
  filling &&= blanks().length > 0;
  const hint = form.querySelector("[data-blanks]");
  if (hint) hint.hidden = !filling;
}

function select(blank) {
  field.focus();
  field.setSelectionRange(blank.from, blank.to);
  const all = blanks();
  const place = all.findIndex(({ from }) => from === blank.from) + 1;
  say(`Blank ${place} of ${all.length}: ${blank.text.slice(2, -2).trim()}`);
}

/** Behind the last blank Tab goes on as everywhere. */
function pressed(event) {
  if (!filling || event.key !== "Tab" || event.isComposing || event.keyCode === 229) return;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const next = event.shiftKey
    ? blanks().findLast(({ to }) => to <= field.selectionStart)
    : blanks().find(({ from }) => from >= field.selectionEnd);
  if (!next) return;
  event.preventDefault();
  select(next);
}

function tapped() {
  const { selectionStart: at, selectionEnd: end } = field;
  const here = filling && at === end && blanks().find(({ from, to }) => from < at && at < to);
  if (here) select(here);
}
