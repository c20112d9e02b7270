const notice = document.querySelector("[data-gone]");
const lost = document.querySelector("[data-lost]");

/** This page's conversation was deleted, or brought back: it can be read, not written to. */
export function goneFromHere(gone) {
  if (notice) notice.hidden = !gone;
}

/** The member may not read this page's conversation any more. */
export function lostHere() {
  if (lost) lost.hidden = false;
}
