// The picture in its stage: fitted, enlarged about a point, and moved.
const STEP = 1.5;
const PER_WHEEL_PIXEL = 0.002;
const LINE = 16;
const SWIPE = 60;
const PAN = 80;

const pointers = new Map();
let stage;
let img;
let tell;
let size = { width: 1, height: 1 };
let factor = 1;
let began;

/** `step` is asked for another image when somebody swipes; `changed` gets the size in percent of the image's own. */
export function start(element, { step, changed }) {
  stage = element;
  img = stage.querySelector("img");
  tell = changed;
  stage.addEventListener("wheel", turned, { passive: false });
  stage.addEventListener("dblclick", (event) => to(factor > 1 ? 1 : Math.max(2, 1 / whole()), event));
  stage.addEventListener("pointerdown", down);
  stage.addEventListener("pointermove", moved);
  for (const name of ["pointerup", "pointercancel"]) stage.addEventListener(name, (event) => up(event, step));
  new ResizeObserver(() => to(factor)).observe(stage);
}

/** Show an image of this size as a whole. */
export function fit(width, height) {
  size = { width, height };
  factor = 1;
  to(1);
}

/** One step larger (1) or smaller (-1), or the whole image (0). */
export const by = (direction) => to(direction ? factor * STEP ** direction : 1);

export const pan = (direction) => stage.scrollBy(direction * PAN, 0);

/** The scale at which the whole image is seen; small images are not enlarged. */
function whole() {
  const { width, height } = size;
  return Math.min(1, stage.clientWidth / width, stage.clientHeight / height) || 1;
}

/** Set the size; what is under the point stays under it. */
function to(wanted, { clientX, clientY } = middle()) {
  const before = img.getBoundingClientRect();
  const [x, y] = [(clientX - before.left) / before.width, (clientY - before.top) / before.height].map(within);
  factor = Math.min(Math.max(1, wanted), Math.max(4, 4 / whole()));
  const scale = whole() * factor;
  img.style.width = `${size.width * scale}px`;
  img.style.height = `${size.height * scale}px`;
  stage.toggleAttribute("data-large", factor > 1);
  const after = img.getBoundingClientRect();
  stage.scrollBy(after.left + x * after.width - clientX, after.top + y * after.height - clientY);
  tell(Math.round(scale * 100));
}

const within = (share) => (share >= 0 && share <= 1 ? share : 0.5);

function middle() {
  const { left, top, width, height } = stage.getBoundingClientRect();
  return { clientX: left + width / 2, clientY: top + height / 2 };
}

function turned(event) {
  event.preventDefault();
  const pixels = event.deltaMode ? event.deltaY * LINE : event.deltaY;
  to(factor * Math.exp(-pixels * PER_WHEEL_PIXEL * (event.ctrlKey ? 5 : 1)), event);
}

function down(event) {
  pointers.set(event.pointerId, event);
  stage.setPointerCapture(event.pointerId);
  began = pointers.size === 1 ? event : undefined;
}

function moved(event) {
  const last = pointers.get(event.pointerId);
  if (!last) return;
  const other = [...pointers.values()].find(({ pointerId }) => pointerId !== event.pointerId);
  if (other) pinched(last, event, other);
  else if (factor > 1) stage.scrollBy(last.clientX - event.clientX, last.clientY - event.clientY);
  pointers.set(event.pointerId, event);
}

function pinched(last, now, other) {
  const apart = (one) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
  const between = { clientX: (now.clientX + other.clientX) / 2, clientY: (now.clientY + other.clientY) / 2 };
  to(factor * (apart(now) / Math.max(1, apart(last))), between);
}

function up(event, step) {
  if (!pointers.delete(event.pointerId) || !began || event.type !== "pointerup") return;
  const [x, y] = [event.clientX - began.clientX, event.clientY - began.clientY];
  const swiped = event.pointerType !== "mouse" && factor === 1 && Math.abs(x) > SWIPE && Math.abs(x) > 2 * Math.abs(y);
  if (swiped) step(x > 0 ? -1 : 1);
}
