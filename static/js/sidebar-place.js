// Where a line of the list belongs.
const lineOf = (id) => document.getElementById(`c-${id}`);
const active = (line) => Number(line.dataset.active);
const group = ({ dataset }) => ("pinned" in dataset ? "pinned" : dataset.folder ?? "");

/** Put the frame's line in its place; false if only the server can tell where that is. */
export function placed({ c: id, html, folder }) {
  const present = lineOf(id);
  const parsed = document.createElement("template");
  parsed.innerHTML = html;
  const line = parsed.content.querySelector("li");
  if (folder) count(...folder);
  if (!line) {
    present?.remove();
    return true;
  }
  if (present && group(present) !== group(line)) return false;
  // Only what was used just now moves up; a new title stays where it is, and pins always do.
  if (present && (group(line) === "pinned" || active(present) === active(line))) {
    present.replaceWith(line);
    return true;
  }
  const list = listFor(line);
  // A folder that is closed has no lines.
  if (!list) return group(line) !== "pinned";
  const first = list.querySelector("li");
  if (first && first !== present && active(first) > active(line)) return false;
  if (!group(line) && !isToday(line)) return false;
  present?.remove();
  list.prepend(line);
  return true;
}

/** A page of older conversations may begin in the month that the page before ended in. */
export function joinGroups() {
  const seen = new Map();
  for (const label of document.querySelectorAll("#days h2")) {
    const list = label.nextElementSibling;
    const earlier = seen.get(label.textContent);
    if (!earlier) seen.set(label.textContent, list);
    else {
      earlier.append(...list.children);
      list.remove();
      label.remove();
    }
  }
}

const isToday = (line) => new Date(active(line) * 1_000).toDateString() === new Date().toDateString();

/** Undefined where it has no list, or one in which only the server can find the place. */
function listFor(line) {
  if (group(line) === "pinned") return undefined;
  if (group(line)) return document.querySelector(`#f-${group(line)} ul`) ?? undefined;
  return document.getElementById("today");
}

function count(folder, lines) {
  const shown = document.querySelector(`#f-${folder} [data-count]`);
  if (shown) shown.textContent = lines;
}
