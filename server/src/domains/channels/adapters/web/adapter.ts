// The channel of the website widget. Visitors speak to the public chat, which knows them by their token; a message to a
// visitor is delivered when it is stored, and the widget fetches it from there.

import { AppError } from "../../../../kernel/errors.ts";
import type { StoredAdapter } from "../../adapter.ts";
import { channelErrors } from "../../errors.ts";

/** The adapter of kind `web`. */
export const webAdapter: StoredAdapter = {
  kind: "web",
  delivery: "stored",
  settings: [],
  credentials: [],
  // SECURITY: nothing of a web channel comes by webhook, so no request is ever believed, whatever it is signed with.
  isAuthentic: () => false,
  readEvents() {
    const mistakes = [{ path: "", message: "a web channel takes nothing by webhook" }];
    throw new AppError(channelErrors.malformedPayload, { mistakes });
  },
};
