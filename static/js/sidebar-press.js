// While the list is pressed, or one of its lines dragged, its lines are not replaced: a click is a press and a release
// on the same element, and a drag ends with its element.
const past = document.getElementById("past");
let pressed = false;
let dragging = false;
let late;

export function start() {
  if (!past) return;
  past.addEventListener("pointerdown", ({ button }) => { pressed = button === 0; });
  past.addEventListener("dragstart", () => { dragging = true; });
  // A drag begins with the end of the press.
  for (const over of ["pointerup", "pointercancel"]) addEventListener(over, () => { pressed = false; released(); });
  addEventListener("dragend", () => { dragging = false; released(); });
}

/** Do this once the list is released, if it is pressed now; returns whether it is. */
export function afterPress(change) {
  if (!pressed && !dragging) return false;
  late = change;
  return true;
}

function released() {
  if (dragging || !late) return;
  // The click that the release makes comes first.
  setTimeout(late);
  late = undefined;
}
