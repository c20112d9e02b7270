// Says how far the member has read, where the list says that this chat has something new and the page is before their
// eyes.
const past = document.getElementById("past");
const thread = document.getElementById("thread");

export function start() {
  if (thread) document.addEventListener("visibilitychange", look);
}

/** What is shown may be news, or the page may be looked at by now. */
export function look() {
  const last = thread?.lastElementChild?.id.slice(1);
  if (!last || document.hidden || !past.querySelector("[data-unread]")) return;
  document.dispatchEvent(new CustomEvent("parley:tell", { detail: { t: "seen", m: Number(last) } }));
}
