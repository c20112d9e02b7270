const notice = document.querySelector("[data-gone]");

/** This page's conversation was deleted, or brought back: it can be read, not written to. */
export function goneFromHere(gone) {
  if (notice) notice.hidden = !gone;
}
