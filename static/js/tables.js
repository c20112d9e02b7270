// A finished table can be copied: its text for spreadsheets, the table itself for documents.
const TABLE = ".block:has(> .scroll > .table)";

const thread = document.getElementById("thread");
const caption = document.querySelector("[data-caption-of=table]")?.content;

export function start() {
  if (thread) offerCopies(thread);
}

/** Give the finished tables in here, this element itself among them, a button. */
export function offerCopies(root) {
  for (const figure of [root, ...root.querySelectorAll(TABLE)]) {
    if (!figure.matches(TABLE) || figure.querySelector("figcaption") || figure.closest(".tail")) continue;
    figure.prepend(caption.cloneNode(true));
  }
}

/** The table in this figure: `text` has tabs between its cells and lines for its rows, TeX is its source in both. */
export function contentsOf(figure) {
  const table = figure.querySelector(".table").cloneNode(true);
  for (const element of table.querySelectorAll("[data-math]")) {
    const mark = element.dataset.math === "display" ? "$$" : "$";
    element.replaceWith(mark + (element.dataset.tex ?? element.textContent) + mark);
  }
  for (const element of [table, ...table.querySelectorAll("[class]")]) element.removeAttribute("class");
  const lines = [...table.rows].map((row) => [...row.cells].map(plain).join("\t"));
  return { text: lines.join("\n"), html: table.outerHTML };
}

const plain = (cell) => cell.textContent.replace(/\s+/g, " ").trim();
