export type { ChannelAdapter, PlatformRequest, RawInbound, SendVerdict } from "./adapter.ts";
export { type Channel, openChannel } from "./channel.ts";
export { type CreateChannelInput, type CreatedChannel, createChannel, drawWebhookSecret } from "./create-channel.ts";
export { ChannelDirectory } from "./directory.ts";
export { channelErrors } from "./errors.ts";
export { createChannelOperations } from "./operations/channels.ts";
export { assignTrees, findChannel, listChannels, type StoredChannel, setEnabled } from "./store.ts";
export type { InboundEvent, InboundMessage, InboundNotice, InboundStatus, Json } from "./types.ts";
