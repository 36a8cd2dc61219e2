import { defineErrors } from "../../../kernel/errors.ts";

export const transcriptErrors = defineErrors({
  refused: {
    code: "visitors.transcript_refused",
    status: 403,
    sentence: "A transcript is sent only to people whom the website knows, to an address that it has verified.",
  },
  empty: {
    code: "visitors.transcript_empty",
    status: 409,
    sentence: "Nothing was said in this chat yet, so there is nothing to send.",
  },
});
