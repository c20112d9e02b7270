// Says what an answer does, once per change and never per word; marks the tab's title until it is seen.
import { say } from "./say.js";

const MARK = "● ";
const told = new WeakMap();

export function start() {
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && document.title.startsWith(MARK)) document.title = document.title.slice(MARK.length);
  });
}

/** The answer is now "thinking" or "answering". */
export function tell(article, doing) {
  mark();
  if (told.get(article) === doing) return;
  told.set(article, doing);
  say(`${nameOf(article)} is ${doing}`);
}

/** The answer has ended, one way or another. */
export function settled(article) {
  mark();
  if (article.dataset.status === "stopped") return say("Answer stopped");
  const trouble = article.querySelector(".notice b");
  if (trouble) return say(`${trouble.textContent} ${trouble.nextSibling?.textContent ?? ""}`);
  say(`Answer finished, ${wordsIn(article.querySelector(".body > .prose").textContent)} words`);
}

/** The tab's title changed; its mark stays. */
export function retitle(title) {
  document.title = `${document.title.startsWith(MARK) ? MARK : ""}${title} · Parley`;
}

function mark() {
  if (document.hidden && !document.title.startsWith(MARK)) document.title = MARK + document.title;
}

const nameOf = (article) => article.querySelector(".by bdi").textContent;

function wordsIn(text) {
  if (!window.Intl?.Segmenter) return text.split(/\s+/).filter(Boolean).length;
  let count = 0;
  // Chinese has no blanks between words.
  for (const { isWordLike } of new Intl.Segmenter(undefined, { granularity: "word" }).segment(text)) count += isWordLike;
  return count;
}
