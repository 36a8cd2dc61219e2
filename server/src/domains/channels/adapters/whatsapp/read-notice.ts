// What WhatsApp says about the account rather than to it: shown as the channel's health. A notice holds no word of a
// member's: only fields known to describe the account are quoted.

import { sha256 } from "../../../../platform/crypto/hmac.ts";
import type { InboundNotice } from "../../types.ts";
import { asRecord, toBoundedJson } from "../bounded-json.ts";
import { findText, timeNotGiven } from "../bounds.ts";
import { readError } from "./read-status.ts";

const textLengthMax = 1_000;

const accountFields =
  /^(?:account_|business_|message_template_|phone_number_|template_|payment_configuration_|security$|flows$)/;

/** Facts of account notices that are worth showing. None of them is about a member. */
const shownFacts = [
  "event",
  "message_template_name",
  "message_template_language",
  "reason",
  "previous_category",
  "new_category",
  "previous_quality_score",
  "new_quality_score",
  "display_phone_number",
  "old_limit",
  "current_limit",
  "decision",
  "rejection_reason",
  "entity_type",
  "alert_severity",
  "alert_status",
  "alert_type",
  "alert_description",
  "violation_type",
  "waba_ban_state",
  "waba_ban_date",
  "title",
  "description",
  "recommendation",
] as const;

export interface NoticeSource {
  readonly accountId: string;
  readonly field: string;
  readonly atMs: number | undefined;
}

/** A notice about a whole change: its field and, for fields about the account, the facts it states. */
export function readNotice(source: NoticeSource, value: unknown): InboundNotice {
  const name = /^[a-z_]+$/.test(source.field) ? source.field : "other";
  const facts = accountFields.test(source.field) ? listFacts(value) : [];
  const text = facts.length === 0 ? `WhatsApp sent a notice of the kind ${name}.` : `${name}: ${facts.join(", ")}.`;
  return toNotice(source, { code: `whatsapp.${name}`, text, identity: JSON.stringify(toBoundedJson(value)) });
}

/** A notice about an error WhatsApp reports for the number or the app. */
export function readErrorNotice(source: NoticeSource, value: unknown): InboundNotice {
  const error = readError(value);
  const code = `whatsapp.error_${error.code ?? "unknown"}`;
  const text = `WhatsApp reports an error${error.code === undefined ? "" : ` ${error.code}`}: ${error.text ?? "no reason given"}`;
  return toNotice(source, { code, text, identity: JSON.stringify(toBoundedJson(value)) });
}

/** A notice about something that was received and left aside, with the reason. Quotes nothing of its content. */
export function toIgnoredNotice(
  source: NoticeSource,
  ignored: { readonly code: string; readonly reason: string; readonly subject: string },
): InboundNotice {
  const { code, reason, subject } = ignored;
  return { ...toNotice(source, { code, text: reason, identity: "" }), noticeKey: `${code}:${digest(subject)}` };
}

function toNotice(
  source: NoticeSource,
  said: { readonly code: string; readonly text: string; readonly identity: string },
): InboundNotice {
  const identity = [source.accountId, source.field, String(source.atMs ?? ""), said.identity].join("\n");
  return {
    kind: "notice",
    noticeKey: `${said.code}:${digest(identity)}`,
    code: said.code,
    text: findText(said.text, textLengthMax) ?? said.code,
    atMs: source.atMs ?? timeNotGiven,
  };
}

function digest(text: string): string {
  return sha256(text).toString("hex").slice(0, 32);
}

function listFacts(value: unknown): readonly string[] {
  const outer = asRecord(value);
  const records = [outer, ...Object.values(outer).map(asRecord)];
  const facts: string[] = [];
  for (const name of shownFacts) {
    for (const record of records) {
      const fact = Object.hasOwn(record, name) ? record[name] : undefined;
      const text = typeof fact === "number" ? String(fact) : findText(fact, 300);
      if (text !== undefined) facts.push(`${name.replaceAll("_", " ")} ${text}`);
    }
  }
  return facts;
}
