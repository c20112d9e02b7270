// TeX drawn by KaTeX, which is fetched only when there is some, and only near the part that is read.
const NEAR = "1500px";
const options = { throwOnError: true, trust: false, maxSize: 20, maxExpand: 200, strict: "ignore", output: "htmlAndMathml" };

const { katex: katexUrl, mhchem: mhchemUrl, katexCss } = document.body.dataset;
const near = new IntersectionObserver(seen, { rootMargin: NEAR });
let loading;

export function start() {
  for (const article of document.querySelectorAll(".thread > .turn")) watch(article);
  addEventListener("beforeprint", () => draw(document));
}

/** Draw this article's maths when it comes near the window. */
export function watch(article) {
  if (undrawn(article).length) near.observe(article);
}

/** Draw what is finished in this article; what still arrives stays source. */
export function draw(root) {
  const found = undrawn(root);
  if (!found.length) return;
  loading ??= load();
  loading.then(() => found.forEach(drawOne), () => { loading = undefined; });
}

const undrawn = (root) => [...root.querySelectorAll("[data-math]:not([data-tex])")].filter((el) => !el.closest(".tail"));

function seen(entries) {
  for (const { target, isIntersecting } of entries) {
    if (!isIntersecting) continue;
    near.unobserve(target);
    draw(target);
  }
}

function drawOne(element) {
  if (element.dataset.tex !== undefined) return;
  const tex = element.textContent;
  element.dataset.tex = tex;
  try {
    katex.render(tex, element, { ...options, displayMode: element.dataset.math === "display" });
  } catch {
    element.textContent = tex;
    element.classList.add("plain-tex");
  }
}

async function load() {
  await Promise.all([add("link", { rel: "stylesheet", href: katexCss }), add("script", { src: katexUrl })]);
  await add("script", { src: mhchemUrl });
}

function add(tag, attributes) {
  const element = Object.assign(document.createElement(tag), attributes);
  return new Promise((resolve, reject) => {
    element.onload = resolve;
    element.onerror = reject;
    document.head.append(element);
  });
}
