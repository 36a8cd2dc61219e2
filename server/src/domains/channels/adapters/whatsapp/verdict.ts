// What WhatsApp's answer to a send means. The error code decides; the HTTP status only where there is none.

import type { SendVerdict } from "../../adapter.ts";
import { asRecord } from "../bounded-json.ts";
import { findText, isPlainId } from "../bounds.ts";
import { findAnswerJson, findRetryAfterMs, isPassingStatus, type PlatformAnswer } from "../platform-answer.ts";
import { type CodeMeaning, findMeaning } from "./error-codes.ts";

const detailsLengthMax = 200;
const operatorWaitMs = 15 * 60_000;

/**
 * The verdict on an answer; total for every answer. A 2xx without a readable id counts as sent: WhatsApp has taken the
 * message and has no idempotency key, so trying again would send it to the member twice, while its status webhooks
 * still find our message by the reference they echo.
 */
export function readVerdict(answer: PlatformAnswer): SendVerdict {
  const json = asRecord(findAnswerJson(answer.body));
  const error = asRecord(json["error"]);
  const code = error["code"];
  if (typeof code === "number" && Number.isSafeInteger(code)) return readError(answer, error, code);
  if (answer.status >= 200 && answer.status <= 299) return { kind: "sent", platformMessageId: findMessageId(json) };
  return readStatus(answer);
}

function findMessageId(json: Readonly<Record<string, unknown>>): string | undefined {
  const messages = json["messages"];
  const id = Array.isArray(messages) ? asRecord(messages[0])["id"] : undefined;
  return isPlainId(id) ? id : undefined;
}

function readError(answer: PlatformAnswer, error: Readonly<Record<string, unknown>>, code: number): SendVerdict {
  const meaning = findMeaning(code);
  if (meaning?.kind === "retry") return toRetry(answer, meaning);
  const name = `whatsapp.${code}`;
  if (meaning !== undefined) return { kind: "failed", code: name, sentence: meaning.sentence };
  if (error["is_transient"] === true || isPassingStatus(answer.status)) return toPassing(answer);
  // SECURITY: Meta's `message` may repeat the access token; only `details` is shown, and nothing that looks like one.
  const details = findText(asRecord(error["error_data"])["details"], detailsLengthMax);
  const reason = details === undefined ? "" : `: ${details.replace(/EAA\w{8,}/g, "[token]")}`;
  return { kind: "failed", code: name, sentence: `WhatsApp refused the message with code ${code}${reason}` };
}

function readStatus(answer: PlatformAnswer): SendVerdict {
  if (isPassingStatus(answer.status)) return toPassing(answer);
  if (answer.status === 401 || answer.status === 403) {
    return { kind: "retry", code: "whatsapp.unauthorized", afterMs: operatorWaitMs, throttled: true };
  }
  if (answer.status < 400) {
    // A redirect is never followed with a token in hand; the address in the configuration is wrong.
    return { kind: "retry", code: "whatsapp.redirected", afterMs: operatorWaitMs, throttled: true };
  }
  const sentence = `WhatsApp refused the message with HTTP status ${answer.status}. Check the channel's settings.`;
  return { kind: "failed", code: `whatsapp.http_${answer.status}`, sentence };
}

function toRetry(answer: PlatformAnswer, meaning: CodeMeaning & { kind: "retry" }): SendVerdict {
  const afterMs = Math.max(meaning.afterMs, findRetryAfterMs(answer.headers) ?? 0);
  const retry = { kind: "retry", code: meaning.code, afterMs } as const;
  return meaning.throttled ? { ...retry, throttled: true } : retry;
}

function toPassing(answer: PlatformAnswer): SendVerdict {
  const afterMs = findRetryAfterMs(answer.headers);
  const isThrottled = answer.status === 429;
  const retry = { kind: "retry", code: isThrottled ? "whatsapp.too_many" : "whatsapp.unavailable" } as const;
  return {
    ...retry,
    ...(afterMs === undefined ? {} : { afterMs }),
    ...(isThrottled ? { throttled: true } : {}),
  };
}
