const region = document.getElementById("say");

/** Tell people who do not see the page. The same words twice in a row are said twice. */
export function say(words) {
  if (!region) return;
  region.textContent = "";
  // A region that is emptied and filled in one task counts as unchanged.
  setTimeout(() => { region.textContent = words; }, 50);
}
