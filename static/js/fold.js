// A long answer in the making: its older blocks stand in groups and the older lines of a long text in blocks of their
// own, so that the browser has few things to look at per frame. Neither is ever done while the reader has something
// selected.
const LOOSE = 60;
const GROUP = 30;
const LONG_TEXT = 4_000;

/** Put the oldest loose blocks before the tail into groups. */
export function fold(tail) {
  const loose = looseBlocks(tail);
  if (loose.length < LOOSE || !getSelection().isCollapsed) return;
  while (loose.length >= LOOSE) group(loose);
}

/** Close off the finished lines of a growing text. */
export function closeLines(text) {
  if (text.length < LONG_TEXT || !getSelection().isCollapsed) return;
  const at = startOfLastLine(text);
  if (!at) return;
  const lines = document.createElement("span");
  lines.className = "lines";
  text.splitText(at).before(lines);
  while (lines.previousSibling && !lines.previousSibling.matches?.(".lines")) lines.prepend(lines.previousSibling);
}

/** Undo it: a settled answer has the same structure as a fresh page. */
export function unfold(prose) {
  for (const past of prose.querySelectorAll(":scope > .past, .lines")) past.replaceWith(...past.childNodes);
  prose.normalize();
}

/** Where the last line of this text begins; 0 when it has but one, or ends with a line end. */
function startOfLastLine(text) {
  const range = document.createRange();
  const heightFrom = (at) => {
    range.setStart(text, at);
    range.setEnd(text, text.length);
    return range.getBoundingClientRect().height;
  };
  const line = heightFrom(text.length - 1);
  if (!line) return 0;
  let [low, high] = [0, text.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (heightFrom(middle) < 1.5 * line) high = middle;
    else low = middle + 1;
  }
  return low;
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
