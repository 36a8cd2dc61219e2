import { defineErrors } from "../../kernel/errors.ts";

export const noticeErrors = defineErrors({
  linkRefused: {
    code: "notices.link_refused",
    status: 500,
    sentence:
      "A link for a letter could not be written. PARLEY_PUBLIC_URL must be an https address, or http on a loopback address.",
  },
});
