// The failures of organisations, apps, roles and invitations.

import { defineErrors } from "../../kernel/errors.ts";

export const organisationErrors = defineErrors({
  suspended: {
    code: "organisations.suspended",
    status: 403,
    sentence: "This app is suspended or will be deleted. Its organisation's owner can bring it back.",
  },
});
