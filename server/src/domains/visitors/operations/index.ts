// Every operation for visitors.

import type { Operation } from "../../../kernel/operation.ts";
import type { VisitorDeps } from "./deps.ts";
import { endChat } from "./end-chat.ts";
import { createReadFile, createReadMedia, createUpload } from "./files.ts";
import { createIdentify } from "./identify.ts";
import { createLeaveWord } from "./leave-word.ts";
import { createMarkRead } from "./mark-read.ts";
import { createOpenStream } from "./open-stream.ts";
import { createListMessages } from "./read-messages.ts";
import { createRotateToken } from "./rotate-token.ts";
import { createSendMessage } from "./send-message.ts";
import { createSendTranscript } from "./send-transcript.ts";
import { createShowVisitorTyping } from "./show-typing.ts";
import { createStart } from "./start.ts";

/** The operations of the public chat. */
export function createVisitorOperations(deps: VisitorDeps): readonly Operation[] {
  return [
    createStart(deps),
    createRotateToken(deps),
    createIdentify(deps),
    createSendMessage(deps),
    createListMessages(deps),
    createOpenStream(deps),
    createMarkRead(deps),
    createUpload(deps),
    createReadFile(deps),
    createReadMedia(deps),
    createSendTranscript(deps),
    createLeaveWord(deps),
    createShowVisitorTyping(deps),
    endChat,
  ];
}
