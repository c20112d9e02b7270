// The field and its keys: grows, keeps its draft, and knows whether there is anything to send.
import * as draft from "./draft.js";
import * as images from "./images.js";
import { bringBack, tellOfGone } from "./images-kept.js";

export const form = document.querySelector("[data-composer]");
export const field = form?.querySelector("#text");
const thread = document.getElementById("thread");
const touch = matchMedia("(pointer: coarse)");
// The id of the message, the text and the images that were sent under it already, and whether it goes by itself once its
// conversation has a page.
const state = { id: form?.elements.client_id.value, sent: undefined, with: undefined, go: undefined };
let composing = false;

export function start() {
  if (!form) return;
  const kept = draft.load();
  if (kept && !field.value.trim()) {
    field.value = kept.text;
    // Only a text that was sent keeps its id: two tabs that go on from one draft write two messages.
    if (kept.sent !== undefined) Object.assign(state, { id: kept.id, sent: kept.sent, with: kept.with });
  }
  if (kept) {
    bringBack(kept.images, kept.cut, gone);
    // What was cut off is said once.
    remember();
  }
  if (kept?.go) setTimeout(() => form.requestSubmit());
  field.addEventListener("compositionstart", () => { composing = true; });
  field.addEventListener("compositionend", () => { composing = false; });
  field.addEventListener("input", typed);
  field.addEventListener("keydown", pressed);
  form.addEventListener("parley:images", typed);
  // Another tab of the conversation may have sent its own text, and taken the draft away.
  addEventListener("pagehide", () => sendable() && remember(images.uploading()));
  document.addEventListener("click", ({ target }) => {
    const text = target.closest("[data-start]")?.textContent.trim();
    if (text) write(text);
  });
  if (thread) new MutationObserver(refresh).observe(thread, { subtree: true, childList: true, attributeFilter: ["aria-busy"] });
  refresh();
  if (!location.hash) (touch.matches ? document.querySelector("h1") : field).focus({ preventScroll: true });
}

const answering = () => Boolean(thread?.querySelector(":scope > [data-live]"));

/** An input method is at work in the field: what is written there meanwhile breaks off what it writes. */
export const isComposing = () => composing;

export async function composed() {
  if (composing) await new Promise((end) => { field.addEventListener("compositionend", end, { once: true }); });
}

/** Replace the text, as if it had been typed. */
export function write(text) {
  field.value = text;
  field.focus();
  typed();
}

export const sendable = () => Boolean(field.value.trim()) || images.any();

/** The id to send this under: the same for a repeat, a new one for another text or other images. */
export function idToSend() {
  const attached = images.ids();
  const repeated = state.sent === field.value && String(state.with ?? []) === String(attached);
  if (state.sent !== undefined && !repeated) state.id = draft.newId();
  Object.assign(state, { sent: field.value, with: attached, go: undefined });
  remember();
  return state.id;
}

/** The server has it: what was typed since stays, or goes to the path of a conversation that is new. */
export function confirmed(path) {
  field.value = field.value.startsWith(state.sent) ? field.value.slice(state.sent.length).trimStart() : field.value;
  images.sent(state.with);
  form.dispatchEvent(new Event("parley:sent"));
  Object.assign(state, { id: draft.newId(), sent: undefined, with: undefined });
  if (path) draft.moveTo(path);
  remember();
  refresh();
}

/** What is typed by now is to be sent where it has gone. */
export function sendThere() {
  state.go = true;
  remember();
}

export function refresh() {
  form.querySelector(".send").disabled = !sendable();
  if (field.dataset.waiting) swapPlaceholder();
  if (CSS.supports("field-sizing", "content")) return;
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
}

function typed() {
  remember();
  refresh();
}

const remember = (cut = 0) => draft.save({ text: field.value, images: images.kept(), cut, ...state });

/** These went with the same message, whose answer this page has not seen; true if this one would lack them. */
function gone(ids) {
  if (!ids.length) return false;
  const repeated = state.sent === field.value;
  if (!repeated) tellOfGone(ids.length);
  state.with = state.with?.filter((id) => !ids.includes(id));
  return !repeated;
}

function pressed(event) {
  if (event.key !== "Enter" || event.isComposing || event.keyCode === 229) return;
  const always = event.ctrlKey || event.metaKey;
  if (!always && (event.shiftKey || event.altKey || touch.matches)) return;
  event.preventDefault();
  if (sendable()) form.requestSubmit();
}

function swapPlaceholder() {
  field.dataset.idle ??= field.placeholder;
  field.placeholder = answering() ? field.dataset.waiting : field.dataset.idle;
}
