// The running answer: numbered operations on its article, applied only when none is missing.
import { tell } from "./status.js";
import { startThinking, stopThinking } from "./think.js";

const place = (article, selector) => article.querySelector(`:scope > .body ${selector}`);

/** Apply frame `n`; false when one before it is missing or it does not fit what is here. */
export function advance(article, n, operations) {
  const present = Number(article.dataset.live ?? Infinity);
  if (n <= present) return true;
  if (n > present + 1) return false;
  begin(article);
  const fits = operations.every(([name, value]) => perform[name]?.(article, value) ?? false);
  // A number that the server never had makes it send the whole state.
  article.dataset.live = fits ? n : -1;
  return fits;
}

/** Replace the live state by this one. */
export function show(article, { n, closed, tail, reasoning, label }) {
  if (closed || tail || reasoning) begin(article);
  const prose = place(article, "> .prose");
  const open = prose.querySelector(":scope > .tail");
  prose.replaceChildren(open);
  open.insertAdjacentHTML("beforebegin", closed);
  open.innerHTML = tail;
  if (reasoning) {
    place(article, "[data-reasoning]").textContent = "";
    perform.think(article, reasoning);
    if (label) stopThinking(place(article, "> .think"), label);
  }
  article.dataset.live = n;
}

function begin(article) {
  place(article, "> [data-waiting]")?.remove();
  article.dataset.status = "streaming";
}

// Each returns whether there was a place for it.
const perform = {
  think(article, text) {
    startThinking(place(article, "> .think"));
    tell(article, "thinking");
    append(place(article, "[data-reasoning]"), null, text);
    return true;
  },
  thought(article, label) {
    stopThinking(place(article, "> .think"), label);
    return true;
  },
  clear(article) {
    const tail = place(article, "> .prose > .tail");
    tail.replaceChildren();
    tail.parentElement.replaceChildren(tail);
    return true;
  },
  block(article, html) {
    const tail = place(article, "> .prose > .tail");
    tell(article, "answering");
    tail.insertAdjacentHTML("beforebegin", html);
    tail.replaceChildren();
    return true;
  },
  tail(article, html) {
    const tail = place(article, "> .prose > .tail");
    tell(article, "answering");
    const scrolled = tail.querySelector("pre")?.scrollLeft;
    tail.innerHTML = html;
    if (scrolled) tail.querySelector("pre")?.scrollTo(scrolled, 0);
    return true;
  },
  open(article, html) {
    const open = place(article, "> .prose > .tail [data-open]");
    if (!open) return false;
    tell(article, "answering");
    // Parsed where it stands, so that table rows stay table rows.
    open.outerHTML = html;
    return true;
  },
  text(article, text) {
    const caret = place(article, "> .prose > .tail .caret");
    if (!caret) return false;
    tell(article, "answering");
    append(caret.parentNode, caret, text);
    return true;
  },
};

/** One text node grows, however many pieces come. */
function append(parent, before, text) {
  const last = before ? before.previousSibling : parent.lastChild;
  if (last?.nodeType === Node.TEXT_NODE) last.appendData(text);
  else parent.insertBefore(document.createTextNode(text), before);
}
