import { defineErrors } from "../../kernel/errors.ts";

export const mailErrors = defineErrors({
  unavailable: {
    code: "mail.unavailable",
    status: 503,
    sentence: "The mail could not be handed to the mail server. Try again later; the log of the server has the reason.",
  },
  refused: {
    code: "mail.refused",
    status: 422,
    sentence: "The mail server refused the mail for good. Check the recipient's address.",
  },
  addressInvalid: {
    code: "mail.address_invalid",
    status: 400,
    sentence: "The mail address is not valid. Write it as name@example.org.",
  },
  letterInvalid: {
    code: "mail.letter_invalid",
    status: 500,
    sentence: "The mail could not be written. Nothing was sent.",
  },
  outboxUnusable: {
    code: "mail.outbox_unusable",
    status: 500,
    sentence: "The folder for local mail cannot be used. See PARLEY_DATA_DIR.",
  },
  notFound: {
    code: "mail.not_found",
    status: 404,
    sentence: "There is no such mail. `parley mail` lists those that are kept.",
  },
});
