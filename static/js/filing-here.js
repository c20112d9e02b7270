// How the conversation of this page is filed.
import { goneFromHere } from "./gone.js";

/** Show what goes with this state, an object of booleans: gone, archived, pinned. */
export function hereIs(state) {
  goneFromHere(state.gone);
  for (const part of document.querySelectorAll("[data-if]")) part.hidden = !state[part.dataset.if];
  for (const part of document.querySelectorAll("[data-unless]")) part.hidden = state[part.dataset.unless];
}
