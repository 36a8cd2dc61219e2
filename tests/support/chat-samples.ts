// Samples of the operations of the public chat: what a visitor of the web channel asks who has written there.

import { sampleFile, signIdentity } from "./chat-world.ts";
import type { OperationSample } from "./sample.ts";
import type { Objects } from "./world-objects.ts";
import type { SampleRequest } from "./world-requests.ts";

const clientId = "client-0002";
const showsToken = { shows: (view: Record<string, unknown>) => [view["token"]] } as const;

/** A request in the web channel. */
function inChannel(make: (objects: Objects) => SampleRequest = () => ({})): Pick<OperationSample, "request"> {
  return {
    request: (objects) => {
      const { params, ...rest } = make(objects);
      return { params: { channelId: objects.webChannelId, ...params }, ...rest };
    },
  };
}

const withBody = (body: Record<string, unknown>): Pick<OperationSample, "request"> => inChannel(() => ({ body }));

/** The samples, by operation. */
export const chatSamples: Readonly<Record<string, OperationSample>> = {
  "chat.start": { ...withBody({}), ...showsToken },
  "chat.rotateToken": { ...withBody({ rotationId: "A".repeat(22) }), ...showsToken },
  "chat.identify": {
    ...inChannel(({ webChannelId }) => ({ body: { jwt: signIdentity(webChannelId) } })),
    ...showsToken,
  },
  "chat.sendMessage": withBody({ clientId, type: "text", text: "Hello" }),
  "chat.listMessages": inChannel(({ visitorConversationId: conversationId }) => ({
    query: { first: "5", conversationId },
  })),
  "chat.openStream": inChannel(),
  "chat.markRead": inChannel(({ messageId }) => ({ body: { messageId } })),
  "chat.showTyping": withBody({ isTyping: true }),
  "chat.upload": inChannel(() => ({ query: { name: sampleFile.name }, bytes: sampleFile.bytes })),
  "chat.readFile": inChannel(({ visitorFileId: fileId }) => ({ params: { fileId } })),
  "chat.readMedia": inChannel(({ messageId }) => ({ params: { messageId, index: "0" } })),
  // Only to somebody the website vouches for.
  "chat.sendTranscript": { ...withBody({}), accepts: [403] },
  "chat.leaveWord": withBody({ clientId, email: "somebody@example.org", text: "Call me" }),
  "chat.end": withBody({}),
};
