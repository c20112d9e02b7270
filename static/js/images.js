// The images of the message that is being written: chips in the order in which they were chosen. Each is uploaded as
// soon as it is chosen; whoever needs to know of a change listens to "parley:images" on the form.
import { fresh, parse, preview, put, showProgress, showReason } from "./images-chip.js";
import { upload } from "./images-upload.js";
import { post } from "./post.js";
import { say } from "./say.js";
import { inWords } from "./size.js";

export const form = document.querySelector('[data-composer]:not([data-upload=""])');
const list = form?.querySelector("[data-chips]");
const note = form?.querySelector("[data-attach-note]");
const cancels = new WeakMap();
const sources = new WeakMap();
// Images of a draft that the server has not confirmed yet.
let awaited = [];

const inputs = () => [...(list?.querySelectorAll('[name="image"]') ?? [])];
export const ids = () => inputs().map(({ value }) => value);
export const kept = () => [...awaited, ...ids()];
export const uploading = () => list?.querySelectorAll('[data-chip="coming"]').length ?? 0;
export const pending = () => uploading() + awaited.length;
export const any = () => pending() + ids().length > 0;

export function start() {
  if (!form) return;
  // The files have gone ahead; the message takes their ids along.
  form.removeAttribute("enctype");
  list.addEventListener("click", ({ target }) => {
    const chip = target.closest("[data-chip]");
    if (target.closest("[data-remove]")) remove(chip);
    else if (target.closest("[data-again]")) begin(sources.get(chip), chip);
  });
}

/** Attach these: each has a `name` and a `file` or a `url`, or what is `wrong` with it; `attached()` is called when it
 * is there. */
export function add(chosen) {
  const most = Number(form.dataset.imagesMost) || Infinity;
  let left = 0;
  for (const source of chosen) {
    const wrong = source.wrong ?? tooLarge(source);
    if (wrong) refuse(list.appendChild(fresh("bad", source.name)), wrong);
    else if (ids().length + pending() < most) begin(source);
    else left += 1;
  }
  explain(left && `At most ${most} images go into one message; ${left} more ${left > 1 ? "were" : "was"} left out.`);
  list.lastElementChild?.scrollIntoView({ block: "nearest" });
}

/** Bring the chips of a draft back; `ask` gets their HTML. `gone` hears the ids of those that are there no more, and says
 * whether the message is another one without them. */
export async function restore(wanted, ask, gone) {
  awaited = wanted;
  const found = parse(await ask(wanted));
  const chips = wanted.map((id) => found.querySelector(`[value="${CSS.escape(id)}"]`)?.closest("[data-chip]"));
  awaited = [];
  list.prepend(...chips.filter(Boolean));
  changed({ edited: gone(wanted.filter((_, at) => !chips[at])) });
}

/** The server has these no more. */
export function lose(those) {
  for (const input of inputs().filter(({ value }) => those.includes(value))) {
    const chip = input.closest("[data-chip]");
    const bad = fresh("bad", chip.dataset.name);
    put(bad, chip);
    refuse(bad, "It is not on the server any more; attach it again.");
  }
}

/** These are in a message now. */
export function sent(those = []) {
  if (!form) return;
  for (const input of inputs()) if (those.includes(input.value)) input.closest("[data-chip]").remove();
  explain("");
  changed();
}

/** A sentence about what was attached, in the place for it; none for "". */
export function explain(words) {
  note.hidden = !words;
  note.querySelector("span").textContent = words || "";
}

function tooLarge({ file }) {
  const most = Number(form.dataset.imageBytes);
  return file && most && file.size > most ? `${inWords(file.size)}; the limit is ${inWords(most)}` : "";
}

/** Upload, in a new chip at the end or in the place of the one that failed. */
function begin(source, failed) {
  const chip = fresh("coming", source.name);
  if (failed) put(chip, failed);
  else list.append(chip);
  preview(chip, source.file);
  const progress = (share) => showProgress(chip, share, source.url ? "Fetching" : "Checking");
  cancels.set(chip, upload(source, { progress, ended: (end) => settle(chip, source, end) }));
  changed();
}

function settle(chip, source, { html, sentence, again }) {
  const given = html && parse(html).querySelector("[data-chip]");
  if (given?.dataset.chip !== "ready") {
    const bad = fresh("bad", source.name);
    sources.set(bad, source);
    put(bad, chip);
    const said = given?.querySelector("[data-sentence]").textContent.trim();
    return refuse(bad, sentence ?? said ?? "The server could not take it.", again);
  }
  put(given, chip);
  say(`${source.name} attached`);
  source.attached?.();
  return changed();
}

/** The chip says why; it stays until it is removed. */
function refuse(chip, sentence, again) {
  showReason(chip, sentence, again);
  say(`${chip.dataset.name}: ${sentence}`);
  changed({ failed: chip.dataset.name });
}

function remove(chip) {
  const near = chip.nextElementSibling ?? chip.previousElementSibling;
  const address = chip.querySelector("[data-remove]").dataset.remove;
  cancels.get(chip)?.();
  // If this does not arrive, the server clears it away in time.
  if (address) post(address);
  chip.remove();
  // On touch the keyboard stays where it is.
  const last = form.querySelector(matchMedia("(pointer: coarse)").matches ? "[data-attach]" : "#text");
  (near?.querySelector("[data-remove]") ?? last).focus();
  explain("");
  changed({ edited: true });
}

const changed = (detail = {}) => form.dispatchEvent(new CustomEvent("parley:images", { detail }));
