// What the server pushes, in the order in which it came; the document changes at most once per picture.
import { putOpinion } from "./feedback.js";
import { advance, show } from "./live.js";
import { startAnew } from "./pages.js";
import { keepBranch, take } from "./rows.js";
import { showHere, showWriting } from "./presence.js";
import { isEmpty } from "./reach.js";
import { takeRole } from "./role.js";
import { putAside, refile } from "./sidebar.js";
import { putExported } from "./transfer.js";

// A hidden tab draws no pictures, so it collects.
const HIDDEN_PAUSE = 1_000;

const queue = [];
// Running answers that this page does not show, on another branch or far from what it shows: a snapshot came, no row.
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
      take(frame.html, frame.keep);
      noteRevision(frame.rev);
      return true;
    case "live":
      return article ? advance(article, frame.n, frame.ops) : elsewhere.has(frame.m);
    case "snap":
      if (!article) elsewhere.add(frame.m);
      else if (article.dataset.live !== undefined) show(article, frame);
      return true;
    case "queue":
      take(frame.html);
      return true;
    case "branch":
      keepBranch(frame.ids, () => frame.rows.forEach(apply));
      if (frame.ids.length && isEmpty()) startAnew();
      return true;
    case "anew":
      startAnew();
      return true;
    case "side":
      putAside(frame);
      return true;
    case "past":
      refile(frame);
      return true;
    case "role":
      takeRole(frame);
      return true;
    case "opinion":
      putOpinion(frame);
      return true;
    case "exported":
      putExported(frame);
      return true;
    case "here":
      showHere(frame);
      return true;
    case "writes":
      showWriting(frame.who);
      return true;
    default:
      return frame.t !== "again";
  }
}

function noteRevision(revision) {
  const thread = document.getElementById("thread");
  thread.dataset.rev = Math.max(Number(thread.dataset.rev), revision);
}
