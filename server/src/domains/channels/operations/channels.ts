// Channels over the API: connect, list, switch, point at trees. Secrets go in and never come out.

import { z } from "zod";
import { isAllowedChannel } from "../../../kernel/actor.ts";
import { idOf } from "../../../kernel/id-schema.ts";
import { type Operation, operation } from "../../../kernel/operation.ts";
import type { Keychain } from "../../keys/index.ts";
import { bumpRevision } from "../../organisations/index.ts";
import { createChannel } from "../create-channel.ts";
import { assignTrees, listChannels, type StoredChannel, setEnabled } from "../store.ts";
import { getChannel } from "./get-channel.ts";
import { createWebOperations } from "./web.ts";

const values = z.record(z.string().min(1).max(40), z.string().max(4096));
const valuesWire = { wire: { type: "object", additionalProperties: { type: "string", maxLength: 4096 } } };

const ChannelView = z.object({
  channelId: idOf("channel"),
  kind: z.string().max(40),
  name: z.string().max(200),
  enabled: z.boolean(),
  settings: values.meta(valuesWire),
  defaultTreeIds: z.array(idOf("tree")).max(20),
  liveTreeId: idOf("tree").optional(),
  offTreeId: idOf("tree").optional(),
});

function toView(channel: StoredChannel): z.infer<typeof ChannelView> {
  const { channelId, kind, name, enabled, settings, defaultTreeIds, liveTreeId, offTreeId } = channel;
  return {
    ...{ channelId, kind, name, enabled, settings: { ...settings }, defaultTreeIds: [...defaultTreeIds] },
    ...(liveTreeId === undefined ? {} : { liveTreeId }),
    ...(offTreeId === undefined ? {} : { offTreeId }),
  };
}

const listOperation = operation({
  name: "channels.list",
  summary: "The app's channels, oldest first.",
  method: "GET",
  path: "/api/v1/channels",
  output: z.object({ items: z.array(ChannelView).max(1000) }),
  scope: "app",
  permission: "channel:read",
  channel: "filters",
  audit: { none: "reading settings that hold no secret" },
  rate: "read",
  stepUp: false,
  run: async ({ tx, actor }) => {
    const channels = await listChannels(tx);
    return { items: channels.filter(({ channelId }) => isAllowedChannel(actor, channelId)).map(toView) };
  },
});

const getOperation = operation({
  name: "channels.get",
  summary: "One channel.",
  method: "GET",
  path: "/api/v1/channels/{channelId}",
  params: z.strictObject({ channelId: idOf("channel") }),
  output: ChannelView,
  scope: "app",
  permission: "channel:read",
  channel: { field: "channelId" },
  audit: { none: "reading settings that hold no secret" },
  rate: "read",
  stepUp: false,
  run: async ({ tx, input }) => toView(await getChannel(tx, input.channelId)),
});

const updateOperation = operation({
  name: "channels.update",
  summary: "Switches a channel on or off, or says which trees it runs.",
  method: "PATCH",
  path: "/api/v1/channels/{channelId}",
  params: z.strictObject({ channelId: idOf("channel") }),
  body: z.strictObject({
    enabled: z.boolean().optional(),
    defaultTreeIds: z.array(idOf("tree")).max(20).optional(),
    liveTreeId: idOf("tree").nullable().optional(),
    offTreeId: idOf("tree").nullable().optional(),
  }),
  output: ChannelView,
  scope: "app",
  permission: "channel:write",
  channel: { field: "channelId" },
  audit: "channel.updated",
  rate: "write",
  stepUp: false,
  async run({ tx, input }) {
    const { channelId } = input;
    const before = await getChannel(tx, channelId);
    if (input.enabled !== undefined) await setEnabled(tx, channelId, input.enabled);
    await assignTrees(tx, channelId, {
      defaultTreeIds: input.defaultTreeIds ?? before.defaultTreeIds,
      liveTreeId: input.liveTreeId === undefined ? before.liveTreeId : (input.liveTreeId ?? undefined),
      offTreeId: input.offTreeId === undefined ? before.offTreeId : (input.offTreeId ?? undefined),
    });
    await bumpRevision(tx);
    return toView(await getChannel(tx, channelId));
  },
});

function createOperation(deps: { keychain: Keychain }): Operation {
  return operation({
    name: "channels.create",
    summary: "Connects a messaging account. The channel secret is shown once.",
    method: "POST",
    path: "/api/v1/channels",
    body: z.strictObject({
      kind: z.string().min(1).max(40),
      name: z.string().min(1).max(200),
      settings: values.meta(valuesWire),
      credentials: values.meta(valuesWire),
    }),
    output: z.object({ channelId: idOf("channel"), channelSecret: z.string().max(100) }),
    successStatus: 201,
    scope: "app",
    permission: "channel:write",
    audit: "channel.created",
    rate: "write",
    stepUp: false,
    async run({ tx, actor, input }) {
      const sealer = await deps.keychain.sealerFor(tx.tenant, { actor, reason: "api" });
      return createChannel(tx, input, sealer);
    },
  });
}

/** The operations on channels. */
export function createChannelOperations(deps: { keychain: Keychain }): readonly Operation[] {
  return [createOperation(deps), listOperation, getOperation, updateOperation, ...createWebOperations(deps)];
}
