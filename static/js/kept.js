// Fields with data-keep: what is typed in one is there again whenever it appears, until the server has it or Cancel is
// pressed. A form that names what it sends keeps that name for a repeat; other words go under another.
import { newId } from "./draft.js";
import { outcome } from "./outcome.js";
import { load, save } from "./stored.js";

const FIELDS = "[data-keep]";
// What was sent of a field, under the id that its form has.
const sent = new WeakMap();

export function start() {
  restore(document);
  document.addEventListener("htmx:load", ({ target }) => restore(target));
  document.addEventListener("input", ({ target }) => target.matches(FIELDS) && keep(target));
  // While it is captured, before htmx reads the form.
  document.addEventListener("submit", ({ target }) => fieldsOf(target).forEach(send), { capture: true });
  document.addEventListener("click", ({ target }) => {
    const link = target.closest("[data-leave]");
    if (link) forget(link.closest("form") ?? document.getElementById(link.dataset.leave));
  });
}

/** Something that was typed in the field of this key waits for it. */
export const isKept = (key) => load(key) !== undefined;

/** What is typed in this form is given up. */
export function forget(form) {
  for (const field of fieldsOf(form)) save(field.dataset.keep);
}

const fieldsOf = (form) => form.querySelectorAll(FIELDS);

function restore(root) {
  for (const field of fieldsOf(root)) {
    const kept = load(field.dataset.keep);
    // What is typed here already is newer.
    if (!kept || field.value !== field.defaultValue) continue;
    if (field.value !== kept.text) field.form.querySelector("[data-brought-back]")?.removeAttribute("hidden");
    field.value = kept.text;
    if (!kept.id) continue;
    field.form.elements.client_id.value = kept.id;
    sent.set(field, kept.sent);
  }
}

function keep(field) {
  const { value, form } = field;
  // What came back with mistakes in it is not saved either.
  const same = value === field.defaultValue && !form.querySelector('[aria-invalid="true"]');
  const named = sent.has(field) && { id: form.elements.client_id.value, sent: sent.get(field) };
  save(field.dataset.keep, same ? undefined : { text: value, ...named });
}

function send(field) {
  // By the time of the answer the form's row may be gone, and the form with it: then it alone hears of that.
  field.form.addEventListener("htmx:afterRequest", taken);
  const { client_id: id } = field.form.elements;
  if (!id) return;
  if (sent.has(field) && sent.get(field) !== field.value) id.value = newId();
  sent.set(field, field.value);
  keep(field);
}

/** What was typed since it was sent stays. */
function taken({ detail }) {
  if (outcome(detail) !== "done") return;
  const { elt, formData } = detail.requestConfig;
  for (const field of fieldsOf(elt)) {
    if (formData.get(field.name) === load(field.dataset.keep)?.text) save(field.dataset.keep);
  }
}
