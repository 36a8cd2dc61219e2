import { defineErrors } from "../../../kernel/errors.ts";

export const contactErrors = defineErrors({
  emailInvalid: {
    code: "visitors.contact_email_invalid",
    status: 422,
    sentence: "This is no mail address we can answer to. Write one such as name@example.org.",
  },
});
