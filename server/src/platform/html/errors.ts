import { defineErrors } from "../../kernel/errors.ts";

export const htmlErrors = defineErrors({
  template: {
    code: "html.template",
    status: 500,
    sentence: "A page or letter could not be written. Nothing was changed.",
  },
  linkRefused: {
    code: "html.link_refused",
    status: 400,
    sentence: "The address cannot be shown as a link. It must begin with https:, http: or mailto:.",
  },
});
