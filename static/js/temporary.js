// The banner of a temporary chat: gone as soon as the chat is in the list, whichever tab kept it.
const open = document.body.dataset.conversation;

export function start() {
  const banner = document.querySelector("[data-temporary]");
  if (!banner) return;
  // Where it is kept here, the answer to that takes the banner's place.
  const kept = () => document.getElementById(`c-${open}`) && !banner.querySelector(".htmx-request") && banner.remove();
  new MutationObserver(kept).observe(document.getElementById("past"), { childList: true, subtree: true });
  document.addEventListener("htmx:afterSettle", ({ target }) => target.matches?.("[data-kept]") && target.focus());
}
