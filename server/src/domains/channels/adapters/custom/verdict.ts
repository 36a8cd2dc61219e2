// What a custom platform's answer to a message means. Our documented contract: the HTTP status decides.

import type { SendVerdict } from "../../adapter.ts";
import { asRecord } from "../bounded-json.ts";
import { isPlainId } from "../bounds.ts";
import { findAnswerJson, findRetryAfterMs, isPassingStatus, type PlatformAnswer } from "../platform-answer.ts";

/**
 * The verdict on an answer; total for every answer. 2xx is sent, with `id` or `messageId` of the JSON body as the
 * platform's id. 408, 409, 425, 429 and 5xx are tried again with the same `webhook-id`, after `Retry-After` (at most an
 * hour). Everything else, redirects included, is final.
 */
export function readVerdict(answer: PlatformAnswer): SendVerdict {
  const { status } = answer;
  if (status >= 200 && status <= 299) return { kind: "sent", platformMessageId: findMessageId(answer.body) };
  if (status === 409 || isPassingStatus(status)) return toRetry(answer);
  return { kind: "failed", code: `custom.http_${status}`, sentence: toSentence(status) };
}

function findMessageId(body: Buffer): string | undefined {
  const json = asRecord(findAnswerJson(body));
  return [json["id"], json["messageId"]].find((id) => isPlainId(id));
}

function toRetry(answer: PlatformAnswer): SendVerdict {
  const afterMs = findRetryAfterMs(answer.headers);
  return {
    kind: "retry",
    code: `custom.http_${answer.status}`,
    ...(afterMs === undefined ? {} : { afterMs }),
    ...(answer.status === 429 ? { throttled: true } : {}),
  };
}

function toSentence(status: number): string {
  if (status === 410) return "The callback address answered 410: it takes no messages any more. Set another address.";
  if (status < 400) return `The callback address answered with the redirect ${status}. Set the final address.`;
  if (status === 401 || status === 403)
    return `The callback address answered ${status}. Check that it uses this channel's secret.`;
  return `The callback address refused the message with status ${status}.`;
}
