export { conversationErrors } from "./errors.ts";
export type { ConversationEvent, InboundReceived, OutboundSent, Publish, StatusChanged } from "./events.ts";
export type { Arrival, Receipt } from "./ingest.ts";
export { lockClasses } from "./lane.ts";
export { createConversationOperations } from "./operations/index.ts";
export { Pipeline, type PipelineOptions } from "./pipeline.ts";
export { answerHandshake, type ReceiveOptions, receiveInbound } from "./receive.ts";
export type { EventResult, MemberProfile, Sending, SendResult } from "./types.ts";
export { WorkLoop } from "./work-loop.ts";
