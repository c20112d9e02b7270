// The page behind a link, for readers who may nothing else. A frozen one only draws its maths and pictures; a live one
// hears how the conversation goes on. Nothing about the reader is stored or sent.
import * as copy from "./copy.js";
import { graft } from "./graft.js";
import * as imagesViewer from "./images-viewer.js";
import { advance, numberOf, show } from "./live.js";
import * as math from "./math.js";
import { say } from "./say.js";
import * as status from "./status.js";
import * as tables from "./tables.js";
import * as think from "./think.js";
import { localise } from "./time.js";
import { tellTurns } from "./turns.js";
import { wire } from "./wire.js";

const ENDED = 4410;
const OTHER_PASSWORD = 4403;
const SHOWN_AFTER = 1_500;
const NEAR = 48;
// The words of so many turns go up one by one, those of the turns before as one sum: a long page says no more than that.
const TOLD = 1_000;

const path = document.body.dataset.link;
const thread = document.getElementById("thread");
const jump = document.querySelector("[data-jump]");
const root = document.documentElement;
const queue = [];
const { connect, resume } = wire(path, { shown, receive, opened, closed });
let appearing;
let waiting;

function listen() {
  connect();
  addEventListener("online", () => waiting && again());
  jump.addEventListener("click", toEnd);
  addEventListener("scroll", () => { jump.hidden = near(); }, { passive: true });
  document.addEventListener("visibilitychange", () => document.hidden || draw());
}

const articles = () => [...thread.querySelectorAll(":scope > .turn")];
const near = () => root.scrollHeight - innerHeight - scrollY < NEAR;
const toEnd = () => scrollTo({ top: root.scrollHeight, behavior: "instant" });

function opened() {
  clearTimeout(appearing);
  appearing = undefined;
  document.querySelector("[data-away]").hidden = true;
}

/** What this page has, for the server to send the rest. */
function shown() {
  const live = Object.fromEntries(articles().filter((one) => one.dataset.live !== undefined).map((one) => [one.id.slice(1), numberOf(one)]));
  const keys = articles().map((one) => one.dataset.rev);
  const before = keys.slice(0, -TOLD);
  return { keys: keys.slice(-TOLD), before: [before.length, sumOf(before)], live };
}

/** As chatapp/sharing/public.py has it. */
const sumOf = (keys) => keys.reduce((sum, key) => (sum ^ parseInt(key.slice(0, 8), 16)) >>> 0, 0);

function receive(frame) {
  if (queue.push(frame) > 1) return;
  // A hidden tab draws no pictures, so it collects.
  if (!document.hidden) requestAnimationFrame(draw);
}

function draw() {
  const following = near();
  if (!queue.splice(0).map(apply).every(Boolean)) resume();
  if (following) toEnd();
  else jump.hidden = near();
}

/** False when something is missing and the page must ask for it. */
function apply(frame) {
  const article = document.getElementById(`m${frame.m}`);
  if (frame.t === "rows") return take(frame);
  if (frame.t === "live") return Boolean(article) && advance(article, frame.n, frame.ops);
  if (frame.t === "snap" && article?.dataset.live !== undefined) show(article, frame);
  return frame.t !== "again";
}

/** The turns that there are, each with its word; the HTML of those that have changed. */
function take({ title, keys, rows }) {
  const fresh = new Map(rows.map((row) => [row.m, row]));
  document.querySelector("[data-shared-title]").textContent = title;
  status.retitle(title);
  for (const extra of articles().slice(keys.length)) extra.remove();
  const whole = keys.map((key, i) => place(i + 1, key, fresh.get(i + 1)));
  tellTurns(Number(articles().at(-1)?.querySelector(".by a").textContent.slice(1) ?? 0));
  return whole.every(Boolean);
}

function place(at, key, row) {
  const present = document.getElementById(`m${at}`);
  if (present?.dataset.rev === key) return true;
  if (!row) return false;
  const parsed = document.createElement("template");
  parsed.innerHTML = row.html;
  const article = parsed.content.querySelector("article");
  if (article.dataset.rev !== key) return false;
  settle(present, article, row.keep);
  return true;
}

function settle(present, fresh, keep) {
  if (present) think.carryOver(present, fresh);
  const ended = present?.dataset.live !== undefined && fresh.dataset.live === undefined;
  const kept = ended && numberOf(present) === keep;
  if (kept) graft(present, fresh);
  else if (present) present.replaceWith(fresh);
  else thread.append(fresh);
  const article = kept ? present : fresh;
  localise(article);
  tables.offerCopies(article);
  math.watch(article);
  if (ended) status.settled(article);
}

function count() {
  for (const thinking of document.querySelectorAll(".think[data-thinking]")) {
    thinking.dataset.thinking = Number(thinking.dataset.thinking) + 1;
    thinking.querySelector("[data-label]").textContent = `Thinking, ${Math.round(thinking.dataset.thinking)} s`;
  }
}

function closed(code, pause) {
  if (code === ENDED) return tell("ended");
  if (code === OTHER_PASSWORD) return tell("relocked");
  appearing ??= setTimeout(() => tell("away"), SHOWN_AFTER);
  waiting = setTimeout(again, pause);
  return undefined;
}

function again() {
  clearTimeout(waiting);
  waiting = undefined;
  connect();
}

function tell(what) {
  clearTimeout(appearing);
  const notice = document.querySelector(`[data-${what}]`);
  notice.hidden = false;
  say(notice.querySelector("[data-said]").textContent);
}

for (const part of [math, copy, tables, think, status, imagesViewer]) part.start();
localise(document);
setInterval(count, 1_000);
if (path) listen();
