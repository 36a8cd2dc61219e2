// POST end: the visitor closes the chat for good. What was said stays.

import { z } from "zod";
import { type Operation, operation } from "../../../kernel/operation.ts";
import { endVisitor } from "../store.ts";
import { channelParams } from "./start.ts";
import { assertVisitor } from "./visit.ts";

export const endChat: Operation = operation({
  name: "chat.end",
  summary:
    "Ends the visitor's session: its tokens are good for nothing from then on. Before the first message there is none.",
  method: "POST",
  path: "/chat/v1/channels/{channelId}/end",
  params: channelParams,
  body: z.strictObject({}),
  output: z.object({}),
  successStatus: 204,
  scope: "visitor",
  permission: { none: "a visitor's own session" },
  audit: { none: "a visitor leaves; nothing of the app changes" },
  rate: "write",
  stepUp: false,
  async run({ tx, actor }) {
    await endVisitor(tx, assertVisitor(actor).visitorId, "ended");
    return {};
  },
});
