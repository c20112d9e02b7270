// The images of a draft, brought back after a reload.
import { explain, form, ids, lose, restore } from "./images.js";

const PAUSES = [1_000, 3_000, 10_000, 30_000];

/** `gone`, see `restore`, hears of those that the server has not any more, or that are in a message already. */
export function bringBack(images = [], cut = 0, gone) {
  if (!form) return;
  if (cut) explain(`${cut} upload${cut > 1 ? "s were" : " was"} cut off; attach ${them(cut)} again.`);
  if (images.length) restore(images, certainly, gone);
}

export function tellOfGone(count) {
  const images = count > 1 ? `${count} images are` : "1 image is";
  explain(`${images} not on the server any more; attach ${them(count)} again.`);
}

const them = (count) => (count > 1 ? "them" : "it");

/** A message was refused: images that were cleared away in the meantime are shown as such. */
export async function findLost() {
  const sent = ids();
  if (!sent.length) return;
  const html = await chipsOf(sent).catch(() => undefined);
  if (html !== undefined) lose(sent.filter((id) => !html.includes(id)));
}

/** Asks until there is an answer: an image that is not known to be gone is not given up. */
async function certainly(wanted) {
  for (let tries = 0; ; tries += 1) {
    const html = await chipsOf(wanted).catch(() => undefined);
    if (html !== undefined) return html;
    await new Promise((resolve) => { setTimeout(resolve, PAUSES[Math.min(tries, PAUSES.length - 1)]); });
  }
}

async function chipsOf(wanted) {
  const query = new URLSearchParams(wanted.map((id) => ["id", id]));
  const response = await fetch(`${form.dataset.unsentImages}?${query}`, { headers: { "HX-Request": "true" } });
  if (!response.ok) throw new Error(response.statusText);
  return response.text();
}
