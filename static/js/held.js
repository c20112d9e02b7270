// Forms that somebody opens in a turn: they go along when it is replaced, and come back with it when it was gone.
import { isKept } from "./kept.js";

// By the selector of the place that each belongs in.
const held = new Map();

/** Where in its turn a question's form belongs; a message that waits has another place once it has gone out. */
export const bodyOf = (id) => `:is(#w${id}, #m${id}) > .body`;

/** The form in this place is this one, or none any more. */
export function hold(place, form) {
  if (form) held.set(place, form);
  else held.delete(place);
}

/** Before this element goes: what is open in it moves to where it belongs otherwise. */
export function carry(from) {
  for (const [place, form] of held) {
    const other = from.contains(form) && [...document.querySelectorAll(place)].find((one) => !from.contains(one));
    if (other) move(form, other);
  }
}

/** What went with its turn is where it belongs, as far as that is on the page again. */
export function bringBack() {
  for (const [place, form] of held) if (!form.isConnected) document.querySelector(place)?.append(form);
}

/** Fetch the form behind this link, unasked, if something that was typed in it is kept. */
export function reopen(link, key, target, swap) {
  if (isKept(key)) htmx.ajax("GET", link.href, { source: link, target, swap }).catch(() => {});
}

/** Where the browser can, without a blur: an input method may be composing in it. */
function move(form, place) {
  if (place.moveBefore) place.moveBefore(form, null);
  else place.append(form);
}
