// The field and its keys: grows, keeps its draft, and knows whether there is anything to send.
import * as draft from "./draft.js";

export const form = document.querySelector("[data-composer]");
export const field = form?.querySelector("textarea");
const thread = document.getElementById("thread");
const touch = matchMedia("(pointer: coarse)");
const state = { id: form?.elements.client_id.value, sent: undefined };

export function start() {
  if (!form) return;
  const kept = draft.load();
  if (kept && !field.value.trim()) {
    field.value = kept.text;
    // Only a text that was sent keeps its id: two tabs that go on from one draft write two messages.
    if (kept.sent !== undefined) Object.assign(state, { id: kept.id, sent: kept.sent });
  }
  field.addEventListener("input", typed);
  field.addEventListener("keydown", pressed);
  document.addEventListener("click", ({ target }) => {
    const text = target.closest("[data-start]")?.textContent.trim();
    if (text) write(text);
  });
  if (thread) new MutationObserver(refresh).observe(thread, { subtree: true, childList: true, attributeFilter: ["aria-busy"] });
  refresh();
  if (!location.hash) (touch.matches ? document.querySelector("h1") : field).focus({ preventScroll: true });
}

export const answering = () => Boolean(thread?.querySelector(":scope > [data-live]"));

/** Replace the text, as if it had been typed. */
export function write(text) {
  field.value = text;
  field.focus();
  typed();
}

/** The id to send this text under: the same for a repeat, a new one for another text. */
export function idToSend() {
  if (state.sent !== undefined && state.sent !== field.value) state.id = draft.newId();
  state.sent = field.value;
  remember();
  return state.id;
}

/** The server has it: what was typed since stays. */
export function confirmed() {
  field.value = field.value.startsWith(state.sent) ? field.value.slice(state.sent.length).trimStart() : field.value;
  Object.assign(state, { id: draft.newId(), sent: undefined });
  remember();
  refresh();
}

export function refresh() {
  form.querySelector(".send").disabled = !field.value.trim();
  if (field.dataset.waiting) swapPlaceholder();
  if (CSS.supports("field-sizing", "content")) return;
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
}

function typed() {
  form.querySelector("[data-wait]").hidden = true;
  remember();
  refresh();
}

const remember = () => draft.save({ text: field.value, ...state });

function pressed(event) {
  if (event.key !== "Enter" || event.isComposing || event.keyCode === 229) return;
  const always = event.ctrlKey || event.metaKey;
  if (!always && (event.shiftKey || event.altKey || touch.matches)) return;
  event.preventDefault();
  if (field.value.trim()) form.requestSubmit();
}

function swapPlaceholder() {
  field.dataset.idle ??= field.placeholder;
  field.placeholder = answering() ? field.dataset.waiting : field.dataset.idle;
}
