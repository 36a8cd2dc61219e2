// What goes wrong where websites fetch the chat.

import { defineErrors } from "../kernel/errors.ts";

export const embedErrors = defineErrors({
  notBuilt: {
    code: "embed.not_built",
    status: 503,
    sentence: "The chat is not ready on this server. Its operator has to build it: node scripts/build-widget.ts.",
  },
  unusableFiles: {
    code: "embed.unusable_files",
    status: 500,
    sentence: "The files of the chat are not the ones that were built. Build them anew: node scripts/build-widget.ts.",
  },
  nonce: {
    code: "embed.nonce",
    status: 500,
    sentence: "The page could not be made safe to show, so it was not shown. Load it again.",
  },
  noAvatar: { code: "embed.no_avatar", status: 404, sentence: "There is no such picture." },
});
