// The running answer: numbered operations on its article, applied only when none is missing. What is done per frame
// must not grow with the answer: no search through the article, no attribute that changes.
import { closeLines, fold } from "./fold.js";
import { draw } from "./math.js";
import { tell } from "./status.js";
import { offerCopies } from "./tables.js";
import { startThinking, stopThinking } from "./think.js";
import { showWait } from "./wait.js";

const numbers = new WeakMap();
const places = new WeakMap();
const begun = new WeakSet();

/** The number of the last frame that this article has; NaN once it is settled. */
export const numberOf = (article) => numbers.get(article) ?? Number(article.dataset.live ?? NaN);

/** Apply frame `n`; false when one before it is missing or it does not fit what is here. */
export function advance(article, n, operations) {
  const present = numberOf(article);
  if (article.dataset.live === undefined || n <= present) return true;
  if (n > present + 1) return false;
  if (operations[0][0] !== "wait") begin(article);
  const at = partsOf(article);
  const fits = operations.every(([name, value]) => perform[name]?.(at, value, article) ?? false);
  // A number that the server never had makes it send the whole state.
  numbers.set(article, fits ? n : -1);
  return fits;
}

/** Replace the live state by this one. */
export function show(article, { n, closed, tail, reasoning, label, wait }) {
  if (wait) showWait(article, wait);
  if (closed || tail || reasoning) begin(article);
  const at = partsOf(article);
  perform.clear(at);
  at.tail.insertAdjacentHTML("beforebegin", closed);
  at.tail.innerHTML = tail;
  draw(at.prose);
  offerCopies(at.prose);
  fold(at.tail);
  if (reasoning) {
    at.reasoning.textContent = "";
    perform.think(at, reasoning, article);
    if (label) stopThinking(at.think, label);
  }
  numbers.set(article, n);
}

function partsOf(article) {
  if (!places.has(article)) {
    const part = (selector) => article.querySelector(`:scope > .body > ${selector}`);
    const [think, prose, tail] = [part(".think"), part(".prose"), part(".prose > .tail")];
    places.set(article, { think, prose, tail, reasoning: think.querySelector("[data-reasoning]") });
  }
  return places.get(article);
}

function begin(article) {
  if (begun.has(article)) return;
  begun.add(article);
  for (const waiting of article.querySelectorAll(":scope > .body > :is([data-waiting], [data-queue])")) waiting.remove();
  article.dataset.status = "streaming";
}

// Each returns whether there was a place for it.
const perform = {
  wait(at, wait, article) {
    showWait(article, wait);
    return true;
  },
  think({ think, reasoning }, text, article) {
    startThinking(think);
    tell(article, "thinking");
    append(reasoning, null, text);
    return true;
  },
  thought({ think }, label) {
    stopThinking(think, label);
    return true;
  },
  clear({ prose, tail }) {
    tail.replaceChildren();
    prose.replaceChildren(tail);
    return true;
  },
  block({ tail }, html, article) {
    tell(article, "answering");
    const last = tail.previousElementSibling;
    tail.insertAdjacentHTML("beforebegin", html);
    tail.replaceChildren();
    let fresh = tail.previousElementSibling;
    for (; fresh && fresh !== last; fresh = fresh.previousElementSibling) {
      draw(fresh);
      offerCopies(fresh);
    }
    fold(tail);
    return true;
  },
  tail({ tail }, html, article) {
    tell(article, "answering");
    const scrolled = tail.querySelector("pre")?.scrollLeft;
    tail.innerHTML = html;
    if (scrolled) tail.querySelector("pre")?.scrollTo(scrolled, 0);
    return true;
  },
  open({ tail }, html, article) {
    const open = tail.querySelector("[data-open]");
    if (!open) return false;
    tell(article, "answering");
    // Parsed where it stands, so that table rows stay table rows.
    open.outerHTML = html;
    return true;
  },
  text({ tail }, text, article) {
    const caret = tail.querySelector(".caret");
    if (!caret) return false;
    tell(article, "answering");
    append(caret.parentNode, caret, text);
    return true;
  },
};

/** One text node grows, however many pieces come. */
function append(parent, before, text) {
  const last = before ? before.previousSibling : parent.lastChild;
  if (last?.nodeType !== Node.TEXT_NODE) return void parent.insertBefore(document.createTextNode(text), before);
  last.appendData(text);
  closeLines(last);
}
