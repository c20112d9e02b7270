// How far the page reaches: the turns in it follow each other on the open branch; earlier and later ones may be
// missing, none in between.
import { tellTurns } from "./turns.js";

const thread = document.getElementById("thread");
const idOf = (article) => article.id.slice(1);

/** The branch ends on this page. */
export const hasEnd = () => !thread || (thread.lastElementChild?.id ?? "m") === `m${thread.dataset.end}`;

export const isEmpty = () => !thread.firstElementChild;

/** Put a turn behind the one that it follows on the branch. False where that one is not here: then neither is this. */
export function insert(fresh) {
  const { after } = fresh.dataset;
  const last = hasEnd();
  if (after === thread.dataset.end) ends(idOf(fresh), count() + 1);
  const previous = document.getElementById(`m${after}`);
  if (after ? !previous : thread.firstElementChild?.dataset.after) return false;
  const next = previous ? previous.nextElementSibling : thread.firstElementChild;
  // Another turn in its place: the branch goes on differently from here.
  if (next && next.dataset.after !== idOf(fresh)) {
    const gone = [...thread.children].slice([...thread.children].indexOf(next));
    for (const article of gone) article.remove();
    if (last) ends(idOf(fresh), count() - gone.length + 1);
  }
  if (previous) previous.after(fresh);
  else thread.prepend(fresh);
  return true;
}

/** The branch has so many turns now, and this is the last one's id. */
export function ends(id, turns) {
  thread.dataset.end = id;
  thread.dataset.count = turns;
}

/** Say how many turns there are, and offer those that are not here. */
export function mark() {
  const { firstElementChild: first, lastElementChild: last } = thread;
  offer("before", first?.dataset.after && first);
  offer("after", !hasEnd() && last);
  tellTurns(count());
}

const count = () => Number(thread.dataset.count);

function offer(where, article) {
  const more = document.querySelector(`[data-more="${where}"]`);
  more.hidden = !article;
  if (article) more.firstElementChild.setAttribute("href", `/c/${document.body.dataset.conversation}/?${where}=${idOf(article)}`);
}
