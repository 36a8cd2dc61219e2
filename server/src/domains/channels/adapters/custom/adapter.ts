// A channel for any platform that has no adapter: signed JSON in, signed JSON out. The contract is in README.md.

import type { HttpAdapter } from "../../adapter.ts";
import { readEvents } from "./read-events.ts";
import { renderRequest } from "./render.ts";
import { readVerdict } from "./verdict.ts";
import { isAuthentic } from "./verify.ts";

/** The adapter of kind `custom`. */
export const customAdapter: HttpAdapter = {
  kind: "custom",
  delivery: "http",
  settings: [
    {
      name: "callbackUrl",
      required: true,
      sentence: "The address that receives the messages of this channel by POST.",
      lengthMax: 2_000,
    },
  ],
  credentials: [
    {
      name: "channelSecret",
      required: true,
      sentence: "The secret both sides sign with: whsec_ and the base64 of 24 to 64 random bytes.",
      lengthMax: 128,
    },
  ],
  isAuthentic,
  readEvents,
  renderRequest,
  readVerdict,
};
