// What WhatsApp's error codes mean for a message: wait and try again, or never, and then what the builder can do.
// Codes: developers.facebook.com, WhatsApp "Error codes". Codes decide, not HTTP statuses, as that page advises.

export type CodeMeaning =
  | { readonly kind: "retry"; readonly code: string; readonly afterMs: number; readonly throttled: boolean }
  | { readonly kind: "failed"; readonly sentence: string };

const second = 1_000;
const minute = 60_000;

const passing: CodeMeaning = { kind: "retry", code: "whatsapp.unavailable", afterMs: 30 * second, throttled: false };

/**
 * A wrong or expired token is the operator's mistake, not the message's: messages wait, slowly, until it is mended,
 * and the code says what to mend. The pipeline's own limit on age still ends them.
 */
const unauthorized: CodeMeaning = {
  kind: "retry",
  code: "whatsapp.unauthorized",
  afterMs: 15 * minute,
  throttled: true,
};

const template: CodeMeaning = {
  kind: "failed",
  sentence:
    "WhatsApp refused the template. Check in WhatsApp Manager that its name, language, parameters and status fit.",
};

function slow(code: string, afterMs: number): CodeMeaning {
  return { kind: "retry", code, afterMs, throttled: true };
}

function failed(sentence: string): CodeMeaning {
  return { kind: "failed", sentence };
}

const unregistered = failed(
  "The number is not registered with WhatsApp. Register it in WhatsApp Manager, then send again.",
);
const restricted = failed(
  "WhatsApp has restricted or locked the business account. Open the account's quality page in WhatsApp Manager.",
);
const malformed = failed("WhatsApp refused a part of the message. Check its texts, buttons and links.");

const meanings: ReadonlyMap<number, CodeMeaning> = new Map([
  [0, unauthorized],
  [1, passing],
  [2, passing],
  [3, unauthorized],
  [4, slow("whatsapp.app_rate_limit", 5 * minute)],
  [10, unauthorized],
  [33, failed("WhatsApp does not know this phone number id. Check the channel's settings.")],
  [100, malformed],
  [190, unauthorized],
  [368, restricted],
  [80007, slow("whatsapp.account_rate_limit", 5 * minute)],
  [130429, slow("whatsapp.throughput", 5 * second)],
  [130472, failed("WhatsApp did not deliver the message because the member is part of an experiment of Meta's.")],
  [130497, failed("WhatsApp does not let this business send to the member's country.")],
  [131000, passing],
  [131005, unauthorized],
  [131008, malformed],
  [131009, malformed],
  [131016, passing],
  [131021, failed("The message was addressed to the channel's own number. Choose another member.")],
  [
    131026,
    failed("WhatsApp cannot deliver to this member: no WhatsApp on the number, an old version, or terms not accepted."),
  ],
  [131030, failed("The number is not on the list of test recipients. Add it in the Meta app or use a live number.")],
  [131031, restricted],
  [131037, failed("The number's display name is not approved yet. Set and confirm it in WhatsApp Manager.")],
  [
    131042,
    failed("WhatsApp refuses to send because of a payment problem. Check the payment method in WhatsApp Manager."),
  ],
  [131045, unregistered],
  [131047, failed("More than 24 hours passed since the member last wrote. Only a template message can be sent.")],
  [131048, slow("whatsapp.spam_limit", 60 * minute)],
  [
    131049,
    failed("WhatsApp chose not to deliver the message, to limit marketing to this member. Try again another day."),
  ],
  [131050, failed("The member no longer wants marketing messages from this business.")],
  [131051, failed("WhatsApp does not support this type of message.")],
  [131052, failed("WhatsApp could not fetch the member's media.")],
  [
    131053,
    failed("WhatsApp could not use the media. Check that its address is public and its type and size are allowed."),
  ],
  [131055, failed("WhatsApp does not allow this kind of message for the account.")],
  // Few messages may follow each other to one member (about one in six seconds), but others are not concerned: slowing
  // the channel would let one talkative conversation hold up everybody else's.
  [131056, { kind: "retry", code: "whatsapp.pair_rate_limit", afterMs: 8 * second, throttled: false }],
  [131057, slow("whatsapp.maintenance", 10 * minute)],
  [131062, failed("The member shares no phone number, and this message needs one.")],
  [133004, passing],
  [133010, unregistered],
  [135000, malformed],
]);

/** The meaning of a code; undefined for a code this product does not know. */
export function findMeaning(code: number): CodeMeaning | undefined {
  if (code >= 200 && code <= 299) return unauthorized;
  if (code >= 132_000 && code <= 132_999) return template;
  return meanings.get(code);
}

/** The sentence for the builder when the code ends a message, otherwise undefined. */
export function findFailureSentence(code: number): string | undefined {
  const meaning = findMeaning(code);
  return meaning?.kind === "failed" ? meaning.sentence : undefined;
}
