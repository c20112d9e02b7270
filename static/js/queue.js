// What waits: the section comes anew with each change. A form that is open in it and the focus outlast that.
import { carry } from "./held.js";

const composer = document.getElementById("text");

const revision = (section) => Number(section.dataset.rev);

/** Put the section in its place, unless the page has this state of it or a later one. A message that is being edited
 * stays open, also when it has gone out meanwhile. */
export function placeQueue(fresh) {
  const present = document.getElementById("waiting");
  if (revision(present) >= revision(fresh)) return;
  const focus = refocus(present);
  present.after(fresh);
  carry(present);
  present.remove();
  htmx.process(fresh);
  focus(fresh);
}

/** If the focused control goes away, its like has the focus: in the same message, else in the one that stands in its
 * place; after the last one the message that is being written. */
function refocus(present) {
  const focused = document.activeElement;
  if (!present.contains(focused)) return () => {};
  const turn = focused.closest(".turn");
  const at = [...present.querySelectorAll(".turn")].indexOf(turn);
  const label = CSS.escape(focused.getAttribute("aria-label") ?? "");
  return (fresh) => {
    if (focused === document.activeElement) return;
    const turns = [...fresh.querySelectorAll(".turn")];
    const place = turn && (turns.find(({ id }) => id === turn.id) ?? turns[at] ?? turns.at(-1));
    const next = focused.isConnected ? focused : (place?.querySelector(`[aria-label="${label}"]`) ?? composer);
    next?.focus({ preventScroll: true });
  };
}
