// What is typed but not confirmed, per conversation and across reloads: the text, the ids of its images, how many
// uploads leaving the page has cut off, the id under which it is sent, and what was sent under that id already.
const key = `draft:${location.pathname}`;

/** A random UUID; `crypto.randomUUID` is missing on pages that come over plain http. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

export function load() {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

export function save(draft) {
  try {
    if (draft.text || draft.images.length || draft.cut) localStorage.setItem(key, JSON.stringify(draft));
    else localStorage.removeItem(key);
  } catch {
    // No room, or storage is switched off: the text is still in the field.
  }
}
