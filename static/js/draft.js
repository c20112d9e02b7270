// What is typed but not confirmed, per conversation and across reloads: the text, the ids of its images, how many
// uploads leaving the page has cut off, the id under which it is sent, and what was sent under that id already.
import * as stored from "./stored.js";

let key = location.pathname;

/** A random UUID; `crypto.randomUUID` is missing on pages that come over plain http. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

export const load = () => stored.load(key);

/** From now on it belongs to the page of this path, to which this one is on its way. */
export function moveTo(path) {
  stored.save(key);
  key = path;
}

export function save(draft) {
  stored.save(key, draft.text || draft.images.length || draft.cut ? draft : undefined);
}
