// What the server pushes, in the order in which it came; the document changes at most once per picture.
import { advance, show } from "./live.js";
import { keepBranch, take } from "./rows.js";
import { putAside } from "./sidebar.js";

// A hidden tab draws no pictures, so it collects.
const HIDDEN_PAUSE = 1_000;

const queue = [];
// Running answers that are not on the branch that this page shows: a snapshot came, but no row.
const elsewhere = new Set();
let scheduled = false;

export function start() {
  document.addEventListener("visibilitychange", flush);
}

export function receive(frame) {
  queue.push(frame);
  if (scheduled) return;
  scheduled = true;
  if (document.hidden) setTimeout(flush, HIDDEN_PAUSE);
  else requestAnimationFrame(flush);
}

function flush() {
  scheduled = false;
  for (const frame of queue.splice(0)) {
    if (!apply(frame)) document.dispatchEvent(new Event("parley:gap"));
  }
}

/** False when something is missing and the page must ask for it. */
function apply(frame) {
  const article = frame.m && document.getElementById(`m${frame.m}`);
  switch (frame.t) {
    case "row":
      elsewhere.delete(frame.m);
      take(frame.html, frame.keep);
      noteRevision(frame.rev);
      return true;
    case "live":
      if (elsewhere.has(frame.m)) return true;
      if (!article) return false;
      return advance(article, frame.n, frame.ops);
    case "snap":
      if (!article) elsewhere.add(frame.m);
      else if (article.dataset.live !== undefined) show(article, frame);
      return true;
    case "queue":
      take(frame.html);
      return true;
    case "branch":
      keepBranch(frame.ids);
      return true;
    case "side":
      putAside(frame);
      return true;
    default:
      return frame.t !== "again";
  }
}

function noteRevision(revision) {
  const thread = document.getElementById("thread");
  thread.dataset.rev = Math.max(Number(thread.dataset.rev), revision);
}
