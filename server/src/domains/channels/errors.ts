// The failures of channels.

import { defineErrors } from "../../kernel/errors.ts";

export const channelErrors = defineErrors({
  notFound: { code: "channels.not_found", status: 404, sentence: "There is no such channel." },
  refused: { code: "channels.refused", status: 401, sentence: "Unauthorized." },
  handshakeRefused: { code: "channels.handshake_refused", status: 403, sentence: "The verify token does not match." },
  malformedPayload: {
    code: "channels.malformed_payload",
    status: 400,
    sentence: "The body is not what this platform sends. See errors for the fields.",
  },
  unsendable: {
    code: "channels.unsendable",
    status: 422,
    sentence: "The platform of this channel cannot show this message.",
  },
  notWeb: {
    code: "channels.not_web",
    status: 409,
    sentence: "This channel is not a web chat. Make one of the kind web.",
  },
  incomplete: {
    code: "channels.incomplete",
    status: 422,
    sentence: "The channel lacks a setting or secret it needs. See errors for the fields.",
  },
});
