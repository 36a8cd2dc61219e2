// What may come of events, each as a part of the statement that stores all of it: for any number of rows, as arrays, and for
// one row. Both forms take the same values.

import { toUuid } from "../../kernel/ids.ts";
import type { SqlValue } from "../../platform/db/index.ts";
import type { ConversationToStore, MemberToStore, Outcome } from "./process-store.ts";

/** One array for each row, an element a column. */
export type Rows = readonly (readonly SqlValue[])[];

/** A part of the statement: `?` stands for its values, in order; each is an array with an element a row. */
export interface Part {
  readonly name: string;
  readonly sql: string;
  /** For one row: `?` stands for its values. */
  readonly loneSql: string;
  readonly isNeeded: (outcome: Outcome) => boolean;
  readonly rows: (outcome: Outcome) => Rows;
}

/** Events that leave the queue. */
export const finished: Part = {
  name: "finished",
  sql: "delete from inbound_events where organisation_id = $1 and app_id = $2 and event_id = any(?::uuid[])",
  loneSql: "delete from inbound_events where organisation_id = $1 and app_id = $2 and event_id = ?",
  isNeeded: (outcome) => outcome.finished.length > 0,
  rows: (outcome) => outcome.finished.map((eventId) => [toUuid(eventId)]),
};

function toMemberRow(one: MemberToStore): SqlValue[] {
  return [toUuid(one.memberId), toUuid(one.channelId), one.externalKey, one.externalId, one.profile];
}

/** Members who wrote for the first time. */
export const joined: Part = {
  name: "joined",
  sql: `insert into members (organisation_id, app_id, member_id, channel_id, external_key, external_id, profile)
    select $1, $2, x.* from unnest(?::uuid[], ?::uuid[], ?::bytea[], ?::bytea[], ?::bytea[]) as x`,
  loneSql: `insert into members (organisation_id, app_id, member_id, channel_id, external_key, external_id, profile)
    values ($1, $2, ?, ?, ?, ?, ?)`,
  isNeeded: (outcome) => outcome.members.length > 0,
  rows: (outcome) => outcome.members.map(toMemberRow),
};

function toConversationRow(one: ConversationToStore): SqlValue[] {
  return [toUuid(one.conversationId), toUuid(one.memberId), toUuid(one.channelId), one.mode, one.state];
}

/** Conversations of members who wrote for the first time. */
export const begun: Part = {
  name: "begun",
  sql: `insert into conversations (organisation_id, app_id, conversation_id, member_id, channel_id, mode, state)
    select $1, $2, x.* from unnest(?::uuid[], ?::uuid[], ?::uuid[], ?::text[], ?::bytea[]) as x`,
  loneSql: `insert into conversations (organisation_id, app_id, conversation_id, member_id, channel_id, mode, state)
    values ($1, $2, ?, ?, ?, ?, ?)`,
  isNeeded: (outcome) => outcome.conversations.some((one) => one.isNew),
  rows: (outcome) => outcome.conversations.filter((one) => one.isNew).map(toConversationRow),
};

// Whoever has a conversation has it no more once the bot took it back. While the bot has it, `active_at` moves once a minute,
// so that most updates touch no index.
const movedColumns = `mode = x.mode, state = x.state, updated_at = now(),
      active_at = case when x.mode <> 'bot' or c.active_at < now() - interval '1 minute' then now() else c.active_at end,
      assignee = case when x.mode = 'live' then c.assignee end,
      assignee_name = case when x.mode = 'live' then c.assignee_name end,
      assigned_at = case when x.mode = 'live' then c.assigned_at end`;

/** Conversations whose state changed, or that are active again. */
export const moved: Part = {
  name: "moved",
  sql: `update conversations c set ${movedColumns}
    from unnest(?::uuid[], ?::text[], ?::bytea[]) as x (conversation_id, mode, state)
    where c.organisation_id = $1 and c.app_id = $2 and c.conversation_id = x.conversation_id`,
  loneSql: `update conversations c set ${movedColumns}
    from (values (?::uuid, ?::text, ?::bytea)) as x (conversation_id, mode, state)
    where c.organisation_id = $1 and c.app_id = $2 and c.conversation_id = x.conversation_id`,
  isNeeded: (outcome) => outcome.conversations.some((one) => !one.isNew),
  rows: (outcome) =>
    outcome.conversations.filter((one) => !one.isNew).map((one) => [toUuid(one.conversationId), one.mode, one.state]),
};

/** Messages, in and out. Alone means one of each. */
export const said: Part = {
  name: "said",
  sql: `insert into messages (organisation_id, app_id, message_id, conversation_id, direction, source, content)
    select $1, $2, x.* from unnest(?::uuid[], ?::uuid[], ?::text[], ?::text[], ?::bytea[]) as x`,
  loneSql: `insert into messages (organisation_id, app_id, message_id, conversation_id, direction, source, content)
    values ($1, $2, ?, ?, ?, ?, ?), ($1, $2, ?, ?, ?, ?, ?)`,
  isNeeded: () => true,
  rows: ({ messages }) =>
    messages.map((one) => [toUuid(one.messageId), toUuid(one.conversationId), one.direction, one.source, one.content]),
};

/** What the engine did, event by event. */
export const traced: Part = {
  name: "traced",
  sql: `insert into traces (organisation_id, app_id, trace_id, channel_id, conversation_id, outcome, content)
    select $1, $2, x.* from unnest(?::uuid[], ?::uuid[], ?::uuid[], ?::text[], ?::bytea[]) as x`,
  loneSql: `insert into traces (organisation_id, app_id, trace_id, channel_id, conversation_id, outcome, content)
    values ($1, $2, ?, ?, ?, ?, ?)`,
  isNeeded: (outcome) => outcome.traces.length > 0,
  rows: ({ traces }) =>
    traces.map((one) => [
      toUuid(one.eventId),
      toUuid(one.channelId),
      one.conversationId === undefined ? null : toUuid(one.conversationId),
      one.outcome,
      one.content,
    ]),
};
