// The failures of keys.

import { defineErrors } from "../../kernel/errors.ts";

export const keyErrors = defineErrors({
  unavailable: {
    code: "keys.unavailable",
    status: 503,
    sentence: "The key that protects this app's data cannot be used right now. Nothing was changed; try again.",
  },
  missing: {
    code: "keys.missing",
    status: 500,
    sentence:
      "The database was encrypted under a key that is not in the key ring. Put the key ring of this installation back.",
  },
  unsafeRing: {
    code: "keys.unsafe_ring",
    status: 500,
    sentence: "The key ring cannot be used as it is.",
  },
  exhausted: {
    code: "keys.exhausted",
    status: 503,
    sentence: "The data key is used up and its successor is being made. Nothing was changed; try again.",
  },
});
