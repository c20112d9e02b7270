// A place comes anew while something else that was asked for in it is on its way: that finds the place as it is now.
// A part with data-anew keeps what was typed in it, what stood open and the focus.
import { bodyOf } from "./held.js";
import { outcome } from "./outcome.js";

const FIELDS = ":is(input, select, textarea)[id]:not([type=hidden])";

export function start() {
  document.addEventListener("htmx:beforeRequest", ({ detail: { target, requestConfig: { elt } } }) => {
    // Who asks for itself is gone with it.
    if (target === elt || !(target.id || target.closest(".turn"))) return;
    target.addEventListener("htmx:beforeSwap", find);
    elt.addEventListener("htmx:afterRequest", passOn);
  });
  // Htmx looks only where the form stood that was answered.
  document.addEventListener("htmx:oobErrorNoTarget", ({ detail: { content } }) => {
    document.getElementById(content.id)?.replaceWith(content);
  });
}

function now(place) {
  if (place.isConnected) return place;
  return document.querySelector(place.id ? `#${place.id}` : bodyOf(place.closest(".turn").id.slice(1)));
}

/** What a question is edited in comes once. */
function find({ detail, target, currentTarget }) {
  // Of something in it.
  if (target !== currentTarget) return;
  detail.target = now(currentTarget);
  if (!detail.target || detail.target.querySelector(":scope > [data-edit]")) detail.shouldSwap = false;
  if (detail.shouldSwap && detail.target.matches("[data-anew]")) keep(detail.target, detail.requestConfig);
}

/** Why it was not done is said where its form would be now. */
function passOn({ detail, target: form }) {
  if (form.isConnected || outcome(detail) === "done") return;
  if (detail.target) now(detail.target)?.dispatchEvent(new CustomEvent("htmx:afterRequest", { bubbles: true, detail }));
}

/** Of what was sent only what was typed since. */
function keep(part, { elt, formData }) {
  const differs = (field) => (wasSent(field, elt) ? valueOf(field) !== sentOf(field, formData) : isChanged(field));
  const typed = [...part.querySelectorAll(FIELDS)].filter(differs).map((field) => [field.id, valueOf(field)]);
  const done = elt.closest("details")?.id;
  const open = [...part.querySelectorAll("details[id][open]")].map(({ id }) => id).filter((id) => id !== done);
  const { id, selectionStart, selectionEnd } = part.contains(document.activeElement) ? document.activeElement : {};
  document.addEventListener("htmx:afterSettle", () => {
    for (const one of open) document.getElementById(one)?.setAttribute("open", "");
    for (const one of typed) type(...one);
    const focused = id ? document.getElementById(id) : undefined;
    focused?.focus({ preventScroll: true });
    if (selectionEnd) focused?.setSelectionRange(selectionStart, selectionEnd);
  }, { capture: true, once: true });
}

const isPicked = (field) => field.matches("[type=checkbox], [type=radio]");
const valueOf = (field) => (isPicked(field) ? field.checked : field.value);

function wasSent({ id }, form) {
  return Boolean(form.querySelector(`[id="${id}"]`)) || form.getAttribute("hx-include") === `#${id}`;
}

function sentOf(field, formData) {
  return isPicked(field) ? formData.getAll(field.name).includes(field.value) : formData.get(field.name);
}

/** By somebody, or before it came back with mistakes. */
function isChanged(field) {
  if (field.form?.querySelector('[aria-invalid="true"]')) return true;
  if (field.matches("select")) return [...field.options].some((option) => option.selected !== option.defaultSelected);
  return isPicked(field) ? field.checked !== field.defaultChecked : field.value !== field.defaultValue;
}

/** As if by hand: what follows from it follows. */
function type(id, value) {
  const field = document.getElementById(id);
  if (!field || valueOf(field) === value) return;
  field[isPicked(field) ? "checked" : "value"] = value;
  field.closest("details")?.setAttribute("open", "");
  for (const kind of ["input", "change"]) field.dispatchEvent(new Event(kind, { bubbles: true }));
}
