// A long answer in the making: its older blocks stand in groups, so that the browser has few things to look at per frame.
const LOOSE = 60;
const GROUP = 30;

/** Put the oldest loose blocks before the tail into groups. Never while the reader has something selected. */
export function fold(tail) {
  const loose = looseBlocks(tail);
  if (loose.length < LOOSE || !getSelection().isCollapsed) return;
  while (loose.length >= LOOSE) group(loose);
}

/** Undo it: a settled answer has the same structure as a fresh page. */
export function unfold(prose) {
  for (const past of prose.querySelectorAll(":scope > .past")) past.replaceWith(...past.childNodes);
}

function looseBlocks(tail) {
  const found = [];
  for (let block = tail.previousElementSibling; block && !block.matches(".past"); block = block.previousElementSibling) {
    found.push(block);
  }
  return found.reverse();
}

/** A group ends between two plain paragraphs, where the space is the same with and without it. */
function group(loose) {
  let end = GROUP;
  while (end < loose.length - 1 && (loose[end - 1].tagName !== "P" || loose[end].tagName !== "P")) end += 1;
  const past = document.createElement("div");
  past.className = "prose past";
  loose[0].before(past);
  past.append(...loose.splice(0, end));
}
