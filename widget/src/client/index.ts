// The chat core as views use it.

export { type Bridge, type BridgeOptions, type Command, createBridge } from "./bridge.ts";
export { type ChatOptions, createChat } from "./chat.ts";
export type * from "./config.ts";
export type * from "./types.ts";
export { textLengthMax } from "./types.ts";
