// A line is dragged into a folder, to the pins or back among the days. The menu of the line does the same.
import { tellReasons } from "./refused.js";

const past = document.getElementById("past");
let dragged;

export function start() {
  if (!past) return;
  past.addEventListener("dragstart", begin);
  past.addEventListener("dragover", over);
  past.addEventListener("dragleave", ({ relatedTarget }) => past.contains(relatedTarget) || mark());
  past.addEventListener("drop", drop);
  document.addEventListener("dragend", end);
  tellReasons(past, ({ detail }) => detail.requestConfig.verb === "post" && document.querySelector(".side [data-unfiled]"));
}

function begin({ target, dataTransfer }) {
  dragged = target.closest?.("li[id]:not([data-shared])");
  if (!dragged) return;
  dataTransfer.effectAllowed = "all";
  // A layout that changes at once would end the drag.
  setTimeout(() => past.toggleAttribute("data-dragging", Boolean(dragged)));
}

function over(event) {
  if (!dragged) return;
  const place = placeOf(event.target);
  mark(place);
  if (!place) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = "move";
}

function drop(event) {
  const place = dragged && placeOf(event.target);
  if (!place) return;
  event.preventDefault();
  const { drop: where } = place.dataset;
  const id = dragged.id.slice("c-".length);
  const folder = /^\d+$/.test(where) ? where : "";
  const values = where === "pinned" ? {} : { folder, unpin: "1" };
  const address = `/c/${id}/${where === "pinned" ? "pin" : "move"}/`;
  htmx.ajax("POST", address, { source: dragged, target: "#toasts", swap: "innerHTML", values }).catch(() => {});
  end();
}

function end() {
  dragged = undefined;
  past.removeAttribute("data-dragging");
  mark();
}

/** Where the line would go; nothing where it is already. */
function placeOf(element) {
  const place = element.closest?.("[data-drop]") ?? element.parentElement?.closest("[data-drop]");
  return place && place !== dragged.closest("[data-drop]") ? place : undefined;
}

function mark(place) {
  for (const one of past.querySelectorAll("[data-over]")) if (one !== place) one.removeAttribute("data-over");
  place?.toggleAttribute("data-over", true);
}
