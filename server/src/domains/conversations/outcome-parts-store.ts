// What may come of events, each as a part of the statement that stores all of it: for any number of rows, as arrays, and for
// one row. Both forms take the same values.

import { toUuid } from "../../kernel/ids.ts";
import type { SqlValue } from "../../platform/db/index.ts";
import type { ConversationToStore, MemberToStore, Outcome } from "./process-store.ts";

/** One array for each column, an element a row. */
export type Columns = readonly (readonly SqlValue[])[];

/** A part of the statement: `?` stands for its values, in order; each is an array with an element a row. */
export interface Part {
  readonly name: string;
  readonly sql: string;
  /** For one row: `?` stands for the only element of each array. */
  readonly loneSql: string;
  readonly isNeeded: (outcome: Outcome) => boolean;
  readonly values: (outcome: Outcome) => Columns;
}

/** Events that leave the queue. */
export const finished: Part = {
  name: "finished",
  sql: "delete from inbound_events where organisation_id = $1 and app_id = $2 and event_id = any(?::uuid[])",
  loneSql: "delete from inbound_events where organisation_id = $1 and app_id = $2 and event_id = ?",
  isNeeded: (outcome) => outcome.finished.length > 0,
  values: (outcome) => [outcome.finished.map(toUuid)],
};

function toMemberValues(members: readonly MemberToStore[]): Columns {
  return [
    members.map((one) => toUuid(one.memberId)),
    members.map((one) => toUuid(one.channelId)),
    members.map((one) => one.externalKey),
    members.map((one) => one.externalId),
    members.map((one) => one.profile),
  ];
}

/** Members who wrote for the first time. */
export const joined: Part = {
  name: "joined",
  sql: `insert into members (organisation_id, app_id, member_id, channel_id, external_key, external_id, profile)
    select $1, $2, x.* from unnest(?::uuid[], ?::uuid[], ?::bytea[], ?::bytea[], ?::bytea[]) as x`,
  loneSql: `insert into members (organisation_id, app_id, member_id, channel_id, external_key, external_id, profile)
    values ($1, $2, ?, ?, ?, ?, ?)`,
  isNeeded: (outcome) => outcome.members.length > 0,
  values: (outcome) => toMemberValues(outcome.members),
};

function toConversationValues(conversations: readonly ConversationToStore[]): Columns {
  return [
    conversations.map((one) => toUuid(one.conversationId)),
    conversations.map((one) => toUuid(one.memberId)),
    conversations.map((one) => toUuid(one.channelId)),
    conversations.map((one) => one.mode),
    conversations.map((one) => one.state),
  ];
}

/** Conversations of members who wrote for the first time. */
export const begun: Part = {
  name: "begun",
  sql: `insert into conversations (organisation_id, app_id, conversation_id, member_id, channel_id, mode, state)
    select $1, $2, x.* from unnest(?::uuid[], ?::uuid[], ?::uuid[], ?::text[], ?::bytea[]) as x`,
  loneSql: `insert into conversations (organisation_id, app_id, conversation_id, member_id, channel_id, mode, state)
    values ($1, $2, ?, ?, ?, ?, ?)`,
  isNeeded: (outcome) => outcome.conversations.some((one) => one.isNew),
  values: (outcome) => toConversationValues(outcome.conversations.filter((one) => one.isNew)),
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
  values: (outcome) => {
    const known = outcome.conversations.filter((one) => !one.isNew);
    return [
      known.map((one) => toUuid(one.conversationId)),
      known.map((one) => one.mode),
      known.map((one) => one.state),
    ];
  },
};

/** Messages, in and out. Alone means one of each. */
export const said: Part = {
  name: "said",
  sql: `insert into messages (organisation_id, app_id, message_id, conversation_id, direction, source, content)
    select $1, $2, x.* from unnest(?::uuid[], ?::uuid[], ?::text[], ?::text[], ?::bytea[]) as x`,
  loneSql: `insert into messages (organisation_id, app_id, message_id, conversation_id, direction, source, content)
    values ($1, $2, ?, ?, ?, ?, ?), ($1, $2, ?, ?, ?, ?, ?)`,
  isNeeded: () => true,
  values: ({ messages }) => [
    messages.map((one) => toUuid(one.messageId)),
    messages.map((one) => toUuid(one.conversationId)),
    messages.map((one) => one.direction),
    messages.map((one) => one.source),
    messages.map((one) => one.content),
  ],
};

/** What the engine did, event by event. */
export const traced: Part = {
  name: "traced",
  sql: `insert into traces (organisation_id, app_id, trace_id, channel_id, conversation_id, outcome, content)
    select $1, $2, x.* from unnest(?::uuid[], ?::uuid[], ?::uuid[], ?::text[], ?::bytea[]) as x`,
  loneSql: `insert into traces (organisation_id, app_id, trace_id, channel_id, conversation_id, outcome, content)
    values ($1, $2, ?, ?, ?, ?, ?)`,
  isNeeded: (outcome) => outcome.traces.length > 0,
  values: ({ traces }) => [
    traces.map((one) => toUuid(one.eventId)),
    traces.map((one) => toUuid(one.channelId)),
    traces.map((one) => (one.conversationId === undefined ? null : toUuid(one.conversationId))),
    traces.map((one) => one.outcome),
    traces.map((one) => one.content),
  ],
};
