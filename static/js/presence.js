// Who else has this conversation open, and who is writing in it.
import { field } from "./composer.js";

// How often a page says that somebody writes in it, and how long the others show that.
const SAY_EVERY = 2_500;
const SHOWN_FOR = 5_000;

const place = document.querySelector("[data-here]");
const line = document.querySelector("[data-writes]");
const me = Number(document.body.dataset.member);
const writing = new Map();
let alone = true;
let said = 0;
let timer;

export function start() {
  field?.addEventListener("input", () => {
    if (alone || Date.now() - said < SAY_EVERY) return;
    said = Date.now();
    document.dispatchEvent(new CustomEvent("parley:tell", { detail: { t: "writes" } }));
  });
}

/** These people have the conversation open now: pairs of id and name, and how many there are in all. */
export function showHere({ who, count }) {
  if (!place) return;
  const others = who.filter(([id]) => id !== me);
  alone = count < 2;
  place.hidden = alone;
  place.replaceChildren(...others.slice(0, 3).map(([, name]) => face(name)));
  const more = count - 1 - Math.min(3, others.length);
  if (more > 0) place.append(Object.assign(document.createElement("span"), { className: "small dim", textContent: `+${more}` }));
  const names = new Intl.ListFormat(document.documentElement.lang).format(others.map(([, name]) => name));
  place.setAttribute("aria-label", `Also here: ${names}${more > 0 ? ` and ${more} more` : ""}`);
  place.title = place.getAttribute("aria-label");
}

/** This member is writing. */
export function showWriting([id, name]) {
  if (id === me || !line) return;
  writing.set(name, Date.now() + SHOWN_FOR);
  show();
}

function show() {
  clearTimeout(timer);
  for (const [name, until] of writing) if (until <= Date.now()) writing.delete(name);
  const names = [...writing.keys()];
  line.textContent = names.length > 2 ? "Several people are writing …" : names.length ? `${names.join(" and ")} ${names.length > 1 ? "are" : "is"} writing …` : "";
  line.hidden = !names.length;
  if (names.length) timer = setTimeout(show, Math.min(...writing.values()) - Date.now());
}

function face(name) {
  const initials = name.split(/\s+/).map((part) => [...part][0]).slice(0, 2).join("").toUpperCase();
  return Object.assign(document.createElement("span"), { className: "face", textContent: initials });
}
