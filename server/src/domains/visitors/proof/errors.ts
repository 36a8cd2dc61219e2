import { defineErrors } from "../../../kernel/errors.ts";

export const proofErrors = defineErrors({
  required: {
    code: "visitors.proof_required",
    status: 429,
    sentence:
      "Many chats come from this network at the moment. Solve the challenge in `proof` and send it along: the widget does so by itself.",
  },
});
