// The one entry. Every part finds its elements by data attributes and leaves pages without them alone.
import * as clock from "./clock.js";
import * as composer from "./composer.js";
import * as copy from "./copy.js";
import * as edit from "./edit.js";
import * as follow from "./follow.js";
import * as frames from "./frames.js";
import * as images from "./images.js";
import * as imagesAlt from "./images-alt.js";
import * as imagesChoose from "./images-choose.js";
import * as imagesHeld from "./images-held.js";
import * as imagesViewer from "./images-viewer.js";
import * as keys from "./keys.js";
import * as math from "./math.js";
import * as models from "./models.js";
import * as rename from "./rename.js";
import * as rows from "./rows.js";
import * as send from "./send.js";
import * as sidebar from "./sidebar.js";
import * as socket from "./socket.js";
import * as status from "./status.js";
import * as theme from "./theme.js";
import * as think from "./think.js";
import * as time from "./time.js";
import * as toast from "./toast.js";
import * as wait from "./wait.js";

const parts = [
  time, theme, follow, math, clock, copy, edit, think, models, images, imagesAlt, composer, send,
  imagesChoose, imagesHeld, imagesViewer, rows, rename, sidebar, toast, status, keys, frames, wait,
];
for (const part of parts) part.start();
if (document.getElementById("past")) socket.start();
