// The one entry. Every part finds its elements by data attributes and leaves pages without them alone.
import * as alone from "./alone.js";
import * as anew from "./anew.js";
import * as beside from "./beside.js";
import * as clock from "./clock.js";
import * as composer from "./composer.js";
import * as copy from "./copy.js";
import * as edit from "./edit.js";
import * as feedback from "./feedback.js";
import * as filingArrange from "./filing-arrange.js";
import * as filingChats from "./filing-chats.js";
import * as filingDrag from "./filing-drag.js";
import * as filingFolders from "./filing-folders.js";
import * as filingMenu from "./filing-menu.js";
import * as follow from "./follow.js";
import * as frames from "./frames.js";
import * as images from "./images.js";
import * as imagesAlt from "./images-alt.js";
import * as imagesChoose from "./images-choose.js";
import * as imagesHeld from "./images-held.js";
import * as imagesViewer from "./images-viewer.js";
import * as kept from "./kept.js";
import * as keys from "./keys.js";
import * as math from "./math.js";
import * as mention from "./mention.js";
import * as mistakes from "./mistakes.js";
import * as models from "./models.js";
import * as outcome from "./outcome.js";
import * as pages from "./pages.js";
import * as presence from "./presence.js";
import * as press from "./press.js";
import * as promptsBlanks from "./prompts-blanks.js";
import * as promptsChosen from "./prompts-chosen.js";
import * as promptsMenu from "./prompts-menu.js";
import * as rename from "./rename.js";
import * as rows from "./rows.js";
import * as search from "./search.js";
import * as searchOpen from "./search-open.js";
import * as send from "./send.js";
import * as share from "./share.js";
import * as sidebar from "./sidebar.js";
import * as socket from "./socket.js";
import * as status from "./status.js";
import * as steady from "./steady.js";
import * as stored from "./stored.js";
import * as tables from "./tables.js";
import * as temporary from "./temporary.js";
import * as theme from "./theme.js";
import * as think from "./think.js";
import * as time from "./time.js";
import * as toast from "./toast.js";
import * as transfer from "./transfer.js";
import * as unread from "./unread.js";
import * as wait from "./wait.js";

const parts = [
  stored, outcome, kept, alone, anew, time, theme, tables, steady, follow, pages, math, clock, copy, edit, think, models, images, imagesAlt, composer,
  promptsBlanks, promptsChosen, promptsMenu, mention, send,
  imagesChoose, imagesHeld, imagesViewer, mistakes, beside, rows, presence, rename, sidebar, press, unread, toast, status, keys, frames, wait,
  search, searchOpen, feedback, temporary, transfer, share,
  filingArrange, filingChats, filingDrag, filingFolders, filingMenu,
];
for (const part of parts) part.start();
if (document.getElementById("past")) socket.start();
