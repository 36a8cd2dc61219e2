// POST transcript: what was said, by mail, to the address the website vouches for and to no other.

import { z } from "zod";
import { AppError } from "../../../kernel/errors.ts";
import { type Operation, operation } from "../../../kernel/operation.ts";
import { visitorErrors } from "../errors.ts";
import { queueTranscript } from "../transcript/queue-transcript.ts";
import type { VisitorDeps } from "./deps.ts";
import { guardAct } from "./guard-act.ts";
import { readMessages } from "./read-messages.ts";
import { channelParams } from "./start.ts";
import { visit } from "./visit.ts";

const messagesMax = 500;

export function createSendTranscript(deps: VisitorDeps): Operation {
  return operation({
    name: "chat.sendTranscript",
    summary: "Sends what was said to the verified address of a verified visitor.",
    method: "POST",
    path: "/chat/v1/channels/{channelId}/transcript",
    params: channelParams,
    body: z.strictObject({}),
    output: z.object({}),
    successStatus: 202,
    scope: "visitor",
    permission: { none: "a visitor's own conversation" },
    audit: { none: "a visitor reads what they wrote and were told" },
    rate: "write",
    stepUp: false,
    async run({ tx, actor, origin }) {
      const visited = await visit(deps, tx, actor);
      if (!visited.web.transcript) throw new AppError(visitorErrors.transcriptsOff);
      await guardAct(deps, tx, { ...visited, act: "transcript", address: origin.address });
      const { web, who } = visited;
      const title = web.texts[web.defaultLocale]?.title ?? "";
      const messages = await readMessages(tx, visited, { first: messagesMax });
      await queueTranscript(deps.transcripts, tx.organisation.batch, { identity: who.identity, title, messages });
      return {};
    },
  });
}
