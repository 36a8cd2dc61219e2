// The failures of conversations.

import { defineErrors } from "../../kernel/errors.ts";

export const conversationErrors = defineErrors({
  memberNotFound: { code: "conversations.member_not_found", status: 404, sentence: "There is no such member." },
  channelNotFound: { code: "conversations.channel_not_found", status: 404, sentence: "There is no such channel." },
  channelOff: { code: "conversations.channel_off", status: 409, sentence: "The channel is switched off." },
  overloaded: {
    code: "conversations.overloaded",
    status: 503,
    sentence: "Too many events are waiting to be stored. Nothing was stored; send this again.",
  },
  conversationNotFound: {
    code: "conversations.conversation_not_found",
    status: 404,
    sentence: "There is no such conversation.",
  },
  taken: { code: "conversations.taken", status: 409, sentence: "Somebody else has this conversation." },
  nameNotYours: {
    code: "conversations.name_not_yours",
    status: 400,
    sentence: "You answer under your own name; only a token may give one. Leave agentName out.",
  },
  traceNotFound: { code: "conversations.trace_not_found", status: 404, sentence: "There is no such trace." },
  platformRefused: {
    code: "conversations.platform_refused",
    status: 422,
    sentence: "The messaging platform refused at least one message. See sendResults.",
  },
});
