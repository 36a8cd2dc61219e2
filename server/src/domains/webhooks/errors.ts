// The failures of webhooks.

import { defineErrors } from "../../kernel/errors.ts";

export const webhookErrors = defineErrors({
  endpointNotFound: {
    code: "webhooks.endpoint_not_found",
    status: 404,
    sentence: "There is no such webhook endpoint.",
  },
  deliveryNotFound: { code: "webhooks.delivery_not_found", status: 404, sentence: "There is no such delivery." },
  invalidEndpoint: {
    code: "webhooks.invalid_endpoint",
    status: 422,
    sentence: "The webhook endpoint cannot be saved like this. See errors for the fields.",
  },
  endpointOff: {
    code: "webhooks.endpoint_off",
    status: 409,
    sentence: "The webhook endpoint is switched off. Switch it on, then replay.",
  },
  tooMany: {
    code: "webhooks.too_many_endpoints",
    status: 409,
    sentence: "The channel has as many webhook endpoints as it may. Delete one first.",
  },
});
