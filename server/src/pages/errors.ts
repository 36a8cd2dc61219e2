// What goes wrong while a page is put together: a mistake of ours; the reader can only try again.

import { defineErrors } from "../kernel/errors.ts";

export const pageErrors = defineErrors({
  nonce: {
    code: "pages.nonce",
    status: 500,
    sentence: "The page could not be made safe to show, so it was not shown. Load it again.",
  },
});
