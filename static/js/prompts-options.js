// The prompts that the server offers, kept for a while. As long as it sends all there are, they are searched here.
const KEPT_FOR = 60_000;
const list = document.querySelector("[data-slash]");
const kept = new Map();
let since = 0;

// As the server compares names and titles.
const folded = (text) => text.normalize("NFKC").toLowerCase();

/** The options whose name or title has all these words; none if the server cannot be asked. */
export async function options(text) {
  const words = folded(text).split(/\s+/).filter(Boolean);
  if (!words.length && Date.now() - since > KEPT_FOR) forget();
  try {
    let found = await known("");
    if (found.more && words.length) found = await known(words.join(" "));
    return found.items.filter((item) => words.every((word) => item.dataset.find.includes(word)));
  } catch {
    forget();
    return [];
  }
}

function forget() {
  kept.clear();
  since = Date.now();
}

function known(words) {
  if (!kept.has(words)) kept.set(words, load(words));
  return kept.get(words);
}

async function load(words) {
  const response = await fetch(`${list.dataset.slash}?${new URLSearchParams({ q: words })}`, { headers: { "HX-Request": "true" } });
  if (!response.ok || response.redirected) throw new Error(response.statusText);
  const parsed = document.createElement("template");
  parsed.innerHTML = await response.text();
  const { content, dataset } = parsed.content.querySelector("template");
  return { items: [...content.children], more: dataset.more !== undefined };
}
