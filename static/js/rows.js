// Articles of the thread: the same HTML comes with the page, with answers to forms and through the socket.
import { recount } from "./clock.js";
import * as edit from "./edit.js";
import * as feedback from "./feedback.js";
import { followIfNear, jumpToEnd, keepRoom } from "./follow.js";
import { graft } from "./graft.js";
import { bringBack, carry } from "./held.js";
import { numberOf } from "./live.js";
import { watch } from "./math.js";
import { outcome } from "./outcome.js";
import { placeQueue } from "./queue.js";
import { ends, hasEnd, insert, mark } from "./reach.js";
import { settled } from "./status.js";
import { offerCopies } from "./tables.js";
import { carryOver } from "./think.js";
import { localise } from "./time.js";

const thread = document.getElementById("thread");

const revision = (article) => Number(article.dataset.rev);

export function start() {
  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    // The form itself may be gone by now: its own row can come through the socket first.
    const form = detail.requestConfig.elt;
    if (!thread || !form.matches("[data-rows]") || outcome(detail) !== "done") return;
    // It would stay open with what is saved.
    if (form.matches("#waiting [data-edit]")) edit.leave(form);
    // Another version keeps its place.
    if (!form.closest(".branch")) followIfNear();
    take(detail.xhr.responseText);
    // What was sent stands at the end.
    if (!hasEnd() && form.matches("[data-composer]")) jumpToEnd();
  });
}

/** What the page holds, as a resume tells it. */
export function shown() {
  const live = {};
  for (const article of thread.querySelectorAll(":scope > [data-live]")) {
    live[article.id.slice(1)] = numberOf(article);
  }
  return { rev: Number(thread.dataset.rev), live };
}

/** Put articles in their place. Whichever way one comes first, it comes once; `keep` is the live number at which
 * the text that is here already is the final one. */
export function take(html, keep) {
  const parsed = document.createElement("template");
  parsed.innerHTML = html;
  const focus = refocus();
  for (const fresh of parsed.content.querySelectorAll("article")) place(fresh, keep);
  const queue = parsed.content.getElementById("waiting");
  if (queue) placeQueue(queue);
  bringBack();
  focus();
  mark();
}

/** Let go of the articles that are not on the open branch; `put` puts in their place what this page lacks of it. */
export function keepBranch(ids, put) {
  const wanted = new Set(ids.map((id) => `m${id}`));
  const focus = refocus();
  keepRoom();
  for (const article of [...thread.children]) if (!wanted.has(article.id)) article.remove();
  ends(ids.at(-1), ids.length);
  put();
  focus();
  mark();
}

/** Make an article work like the others here. `old`: it is no news. */
export function ready(article, old = false) {
  localise(article);
  offerCopies(article);
  watch(article);
  recount(article, old);
  // Once it is in its place.
  if (old) queueMicrotask(() => [edit, feedback].forEach((one) => one.reopen(article)));
}

function place(fresh, keep) {
  const present = document.getElementById(fresh.id);
  if (present && revision(present) >= revision(fresh)) return;
  if (present) carryOver(present, fresh);
  const ended = present?.dataset.live !== undefined && fresh.dataset.live === undefined;
  const kept = ended && numberOf(present) === keep;
  if (kept) graft(present, fresh);
  else if (present) replace(present, fresh);
  else if (!insert(fresh)) return;
  const article = kept ? present : fresh;
  htmx.process(article);
  ready(article);
  if (ended) settled(article);
}

function replace(present, fresh) {
  present.after(fresh);
  carry(present);
  present.remove();
}

/** If the focused control goes away, its like gets the focus in the turn that stands in its place, or else in the last
 * one, or that turn's heading; if it is a question's form, the new version of that question. */
function refocus() {
  const focused = document.activeElement;
  if (!thread.contains(focused)) return () => {};
  const label = focused.getAttribute("aria-label");
  const edited = focused.closest("[data-edit]");
  const { after } = focused.closest(".turn").dataset;
  return () => {
    if (focused.isConnected || document.activeElement !== document.body) return;
    const turns = [...thread.querySelectorAll(edited ? ':scope > [data-by="you"]' : ":scope > .turn")];
    const turn = turns.find((one) => one.dataset.after === after) ?? turns.at(-1);
    const like = label && turn?.querySelector(`.acts [aria-label="${CSS.escape(label)}"]:not(:disabled)`);
    const step = focused.matches(".branch button") && turn?.querySelector(".branch button:not(:disabled)");
    (like || step || turn?.querySelector(".by"))?.focus({ preventScroll: true });
  };
}
