// The socket brings frames; up go only short words. Whatever is lost with it, the next resume brings back.
import { goneFromHere, lostHere } from "./gone.js";
import { receive } from "./frames.js";
import * as offline from "./offline.js";
import { shown } from "./rows.js";
import { told } from "./sidebar.js";
import { look } from "./unread.js";
import { wire } from "./wire.js";

const SIGNED_OUT = 4401;
const NO_SUCH_CONVERSATION = 4404;
const LOST_ACCESS = 4403;

const conversation = document.body.dataset.conversation;

export function start() {
  const path = conversation ? `/ws/c/${conversation}/` : "/ws/";
  const { connect, send, resume } = wire(path, { shown: () => conversation && shown(), receive, opened, closed });

  function opened() {
    offline.hide();
    // What was told before this socket was there, or while there was none.
    send({ t: "list", told: told() });
    look();
  }

  function closed(code, pause) {
    if (code === SIGNED_OUT) return offline.signedOut();
    if (code === NO_SUCH_CONVERSATION) return goneFromHere(true);
    if (code === LOST_ACCESS) return lostHere();
    return offline.wait(pause, connect);
  }

  connect();
  offline.onTryNow(connect);
  addEventListener("online", () => offline.waiting() && connect());
  addEventListener("pageshow", (event) => event.persisted && connect());
  document.addEventListener("parley:gap", resume);
  document.addEventListener("parley:tell", ({ detail }) => send(detail));
}
