// One good request for every operation of the product. An operation that is not here fails the suites by its name; so does
// a sample of an operation that is no more.

import { readFileSync } from "node:fs";
import type { Operation } from "../../server/src/kernel/operation.ts";
import { chatSamples } from "./chat-samples.ts";
import { sampleFile, sampleIdentitySecret, sampleSite } from "./chat-world.ts";
import { peopleSamples } from "./people-samples.ts";
import { by, empty, type OperationSample } from "./sample.ts";

const definition: unknown = JSON.parse(
  readFileSync(new URL("../../engine/examples/order-status.json", import.meta.url), "utf8"),
);
const text = [{ type: "text", text: "Hello" }];

/** The samples, by operation. */
export const samples: Readonly<Record<string, OperationSample>> = {
  "bot.sendResponses": {
    request: ({ channelId, memberId }) => ({ body: { channelId, memberId, response: text, dryRun: true } }),
  },
  "bot.redirectMemberToNode": {
    request: ({ channelId, memberId, treeId }) => ({
      body: { channelId, memberId, redirect: { tree: treeId, nodeCompositeId: "menu" }, dryRun: true },
    }),
  },
  "channels.list": empty,
  "channels.get": by("channelId"),
  "channels.create": {
    request: () => ({
      body: { kind: "custom", name: "Made", settings: { callbackUrl: "https://platform.example/in" }, credentials: {} },
    }),
    shows: (view) => [view["channelSecret"]],
  },
  "channels.update": {
    request: ({ channelId, treeId }) => ({ params: { channelId }, body: { enabled: true, defaultTreeIds: [treeId] } }),
  },
  "channels.getWeb": { request: ({ webChannelId }) => ({ params: { channelId: webChannelId } }) },
  "channels.putWeb": {
    request: ({ webChannelId }) => ({
      params: { channelId: webChannelId },
      body: { origins: [sampleSite] },
    }),
  },
  "channels.putIdentitySecret": {
    request: ({ webChannelId }) => ({ params: { channelId: webChannelId }, body: { secret: sampleIdentitySecret } }),
  },
  "channels.endVisitors": { request: ({ webChannelId }) => ({ params: { channelId: webChannelId } }) },
  "trees.list": { request: () => ({ query: { first: "5" } }) },
  "trees.get": by("treeId"),
  "trees.import": { request: () => ({ body: { definition } }) },
  "trees.replaceDraft": {
    request: ({ treeId }) => ({ params: { treeId }, body: { definition, revision: 1 } }),
    accepts: [409, 412],
  },
  "trees.publish": { request: ({ treeId }) => ({ params: { treeId }, body: { note: "again" } }) },
  "conversations.list": { request: ({ channelId }) => ({ query: { first: "5", channelId } }) },
  "conversations.get": by("conversationId"),
  "conversations.take": by("conversationId"),
  "conversations.handBack": {
    request: ({ conversationId }) => ({ params: { conversationId }, body: { to: "bot", fromOthers: true } }),
  },
  "conversations.sendMessages": {
    request: ({ conversationId }) => ({ params: { conversationId }, body: { messages: text, keepMode: true } }),
  },
  "conversations.showTyping": {
    request: ({ conversationId }) => ({ params: { conversationId }, body: { isTyping: true } }),
  },
  "messages.list": {
    request: ({ conversationId }) => ({ params: { conversationId }, query: { first: "5" } }),
    // An unknown conversation has no messages.
    absentStatus: 200,
  },
  "traces.get": by("traceId"),
  "traces.list": { request: ({ channelId }) => ({ query: { first: "5", channelId } }) },
  "webhookEndpoints.list": empty,
  "webhookEndpoints.get": by("endpointId"),
  "webhookEndpoints.create": {
    request: ({ channelId }) => ({ body: { channelId, url: "https://hooks.example/other", events: ["inbound"] } }),
    shows: (view) => [view["secret"]],
  },
  "webhookEndpoints.update": {
    request: ({ endpointId }) => ({ params: { endpointId }, body: { enabled: true, events: ["inbound"] } }),
  },
  "webhookEndpoints.delete": by("endpointId"),
  "webhookEndpoints.rotateSecret": {
    request: ({ endpointId }) => ({ params: { endpointId }, body: { overlapHours: 1 } }),
    shows: (view) => [view["secret"]],
  },
  "webhookEndpoints.replayFailed": {
    request: ({ endpointId }) => ({ params: { endpointId }, body: { since: "2020-01-01T00:00:00Z" } }),
  },
  "deliveries.list": { request: () => ({ query: { first: "5" } }) },
  "deliveries.get": by("deliveryId"),
  "deliveries.replay": by("deliveryId"),
  "live.open": { request: () => ({ query: { seconds: "0" } }) },
  "tokens.create": {
    request: ({ channelId }) => ({
      body: {
        kind: "api",
        name: "Made",
        scopes: ["channel:read"],
        channelIds: [channelId],
        networks: ["10.0.0.0/8"],
        days: 5,
      },
    }),
    shows: (view) => [view["token"]],
  },
  "tokens.rotate": {
    request: ({ tokenId }) => ({ params: { tokenId }, body: { overlapHours: 1 } }),
    shows: (view) => [view["token"]],
  },
  "tokens.list": { request: () => ({ query: { first: "5" } }) },
  "tokens.get": { ...by("tokenId"), needs: "token:read" },
  "tokens.revoke": { ...by("tokenId"), needs: "token:revoke" },
  "tokens.revokeLeaked": { request: () => ({ body: { token: "no token at all" } }) },
  "files.create": {
    request: ({ channelId }) => ({ query: { name: sampleFile.name, channelId }, bytes: sampleFile.bytes }),
  },
  "files.list": { request: () => ({ query: { first: "5" } }) },
  "files.get": by("fileId"),
  "files.content": by("fileId"),
  "files.delete": by("fileId"),
  ...chatSamples,
  ...peopleSamples,
};

/** The operations without a sample, and the samples without an operation. */
export function listUnmatched(operations: readonly Operation[]): { unsampled: string[]; stale: string[] } {
  const names = operations.map((operation) => operation.name);
  return {
    unsampled: names.filter((name) => samples[name] === undefined),
    stale: Object.keys(samples).filter((name) => !names.includes(name)),
  };
}
