// The member may do more or less in a conversation than before: its page is made anew, with what was typed in it.
import { refresh } from "./sidebar.js";

const open = document.body.dataset.conversation;

export function takeRole({ c }) {
  if (c !== open) return refresh();
  // Nobody is torn out of the middle of a question.
  const main = document.getElementById("main");
  const editing = () => Boolean(main.querySelector("[data-edit]"));
  if (!editing()) return location.reload();
  return new MutationObserver(() => editing() || location.reload()).observe(main, { childList: true, subtree: true });
}
