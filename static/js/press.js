// While a list of conversations is pressed, or one of its lines dragged, its lines are not replaced: a click is a press
// and a release on the same element, and a drag ends with its element.
const lists = document.querySelectorAll("#past, #chats");
const late = new Set();
let pressed = false;
let dragging = false;

export function start() {
  for (const list of lists) {
    list.addEventListener("pointerdown", ({ button }) => { pressed = button === 0; });
    list.addEventListener("dragstart", () => { dragging = true; });
  }
  // A drag begins with the end of the press.
  for (const over of ["pointerup", "pointercancel"]) addEventListener(over, () => { pressed = false; released(); });
  addEventListener("dragend", () => { dragging = false; released(); });
}

/** Do this once the lists are released, if one is pressed now; returns whether it is. */
export function afterPress(change) {
  if (!pressed && !dragging) return false;
  late.add(change);
  return true;
}

function released() {
  if (dragging) return;
  // The click that the release makes comes first.
  for (const change of late) setTimeout(change);
  late.clear();
}
