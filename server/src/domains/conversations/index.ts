export { findConversationOf, type MemberConversation } from "./attend.ts";
export { conversationErrors } from "./errors.ts";
export {
  type ConversationEvent,
  type InboundReceived,
  isMessageEvent,
  type MessageEvent,
  type OutboundSent,
  type Publish,
  type StatusChanged,
} from "./events.ts";
export type { Arrival, Receipt } from "./ingest.ts";
export { purgeReplayKeys } from "./ingest-store.ts";
export { lockClasses, type MemberKey, toExternalKey, toMemberKey } from "./lane.ts";
export {
  findMessage,
  listMessagesSince,
  openMessage,
  type StoredMessage,
} from "./message-store.ts";
export { createConversationOperations } from "./operations/index.ts";
export { Pipeline, type PipelineOptions } from "./pipeline.ts";
export { answerHandshake, type ReceiveOptions, receiveInbound } from "./receive.ts";
export type { Author, EventResult, MemberProfile, MessageContent, Sending, SendResult } from "./types.ts";
export { TypingBoard } from "./typing-board.ts";
export { WorkLoop } from "./work-loop.ts";
