// The failures of visitors.

import { defineErrors } from "../../kernel/errors.ts";

export const visitorErrors = defineErrors({
  tokenRequired: {
    code: "visitors.token_required",
    status: 401,
    sentence: "Send the visitor token that `start` gave in the Authorization header, after `Bearer`.",
  },
  tokenInvalid: {
    code: "visitors.token_invalid",
    status: 401,
    sentence: "This is no visitor token of this channel and page. Start again.",
  },
  tokenExpired: {
    code: "visitors.token_expired",
    status: 401,
    sentence: "The visitor token has run out. Exchange it, or start again.",
  },
  tokenReused: {
    code: "visitors.token_reused",
    status: 401,
    sentence: "This token was exchanged for another one before. Somebody may have copied it, so the chat was ended.",
  },
  sessionEnded: { code: "visitors.session_ended", status: 401, sentence: "This chat has ended. Start again." },
  consentRequired: {
    code: "visitors.consent_required",
    status: 422,
    sentence: "The visitor must accept the text on data protection first: send consent: true with the first message.",
  },
  identityRequired: {
    code: "visitors.identity_required",
    status: 403,
    sentence: "This chat is for people whom the website knows. Sign in there first.",
  },
  notOffered: {
    code: "visitors.not_offered",
    status: 422,
    sentence: "This choice was not offered in this conversation.",
  },
  conversationNotFound: {
    code: "visitors.conversation_not_found",
    status: 404,
    sentence: "There is no such conversation.",
  },
  messageNotFound: { code: "visitors.message_not_found", status: 404, sentence: "There is no such message." },
  transcriptsOff: { code: "visitors.transcripts_off", status: 403, sentence: "This chat sends no transcripts." },
  uploadsOff: { code: "visitors.uploads_off", status: 403, sentence: "This chat takes no files." },
  tooManyStreams: {
    code: "visitors.too_many_streams",
    status: 429,
    sentence: "The chat is open in too many places. Close one, or wait for the time in Retry-After.",
  },
});
