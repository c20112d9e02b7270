// Files to the server, a few at a time, in the order in which they were given.
import { outcome } from "./outcome.js";

const AT_ONCE = 3;

const form = document.querySelector("[data-composer]");
const waiting = [];
let running = 0;

/** Upload a file, or have the server fetch a link. `progress` gets the share that has gone, 0 to 1; `ended` gets the
 * server's chip as `html`, or why there is none as `sentence`, and whether to offer to try it `again`. Returns a
 * function that stops it; then neither is called any more. */
export function upload(source, { progress, ended }) {
  const job = { source, progress, ended, request: new XMLHttpRequest() };
  waiting.push(job);
  next();
  return () => stop(job);
}

function next() {
  while (running < AT_ONCE && waiting.length) send(waiting.shift());
}

function send({ source, progress, ended, request }) {
  running += 1;
  request.open("POST", source.url ? form.dataset.fetch : form.dataset.upload);
  request.setRequestHeader("X-CSRFToken", form.elements.csrfmiddlewaretoken.value);
  // So that somebody who is signed out is told so here, not led to another page.
  request.setRequestHeader("HX-Request", "true");
  request.setRequestHeader("HX-Current-URL", location.href);
  request.upload.addEventListener("progress", ({ loaded, total }) => total && progress(loaded / total));
  request.upload.addEventListener("load", () => progress(1));
  let aborted = false;
  request.addEventListener("abort", () => { aborted = true; });
  request.addEventListener("loadend", () => {
    running -= 1;
    if (!aborted) ended(result(request));
    next();
  });
  progress(0);
  request.send(body(source));
}

function stop(job) {
  const at = waiting.indexOf(job);
  if (at < 0) job.request.abort();
  else waiting.splice(at, 1);
}

function body({ file, url }) {
  const form = new FormData();
  if (url) form.append("url", url);
  else form.append("image", file);
  return form;
}

function result(request) {
  const how = outcome({ xhr: request });
  const html = request.responseText;
  if (how === "done" || (how === "refused" && html.includes("data-chip"))) return { html };
  if (how === "refused") return { sentence: words(html), again: request.status >= 429 };
  if (request.status === 413) return { sentence: "It is larger than this server takes." };
  return SENTENCES[how];
}

const SENTENCES = {
  offline: { sentence: "The upload was cut off.", again: true },
  stale: { sentence: "You signed in again since this page was opened. Reload it, then attach this again." },
  failed: { sentence: "The server could not take it.", again: true },
};

function words(html) {
  const parsed = document.createElement("template");
  parsed.innerHTML = html;
  return parsed.content.textContent.trim().replace(/\s+/g, " ");
}
