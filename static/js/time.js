// Times by the reader's clock; the server wrote them in UTC and learns the zone for its own words.
const YEAR = 365 * 24 * 3600;
const MINUTE = 60_000;
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const weekday = { weekday: "long", day: "numeric", month: "long" };
const dayLine = new Intl.DateTimeFormat("en-GB", weekday);
const dayLineOfYear = new Intl.DateTimeFormat("en-GB", { ...weekday, year: "numeric" });
const whole = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeStyle: "short" });

export function start() {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  document.cookie = `zone=${timeZone}; path=/; max-age=${YEAR}; samesite=lax`;
  localise(document);
  let today = new Date().toDateString();
  setInterval(() => {
    if (today === new Date().toDateString()) return;
    today = new Date().toDateString();
    localise(document);
  }, MINUTE);
}

/** Clock times today, dates after that; and a line with the date above the first turn of a day. */
export function localise(root) {
  for (const time of root.querySelectorAll("time[datetime]")) {
    const at = new Date(time.dateTime);
    const today = at.toDateString() === new Date().toDateString();
    time.textContent = (today ? clock : day).format(at);
    time.title = whole.format(at);
  }
  for (const line of root.querySelectorAll(".day")) {
    const time = line.querySelector("time");
    const at = new Date(time.dateTime);
    const thisYear = at.getFullYear() === new Date().getFullYear();
    line.hidden = new Date(line.dataset.since).toDateString() === at.toDateString();
    time.textContent = (thisYear ? dayLine : dayLineOfYear).format(at);
  }
}
