// From what the page's script posts (the JSON of a PublicKeyCredential, WebAuthn level 3 5.1) to what the operations take:
// the fields that are verified, and no others.

import { AppError } from "../../kernel/errors.ts";
import { httpErrors } from "../../platform/http/index.ts";

const lengthMax = 40_000;

function refuse(): never {
  const mistakes = [{ path: "credential", message: "The passkey's answer is missing. Try again, or use another way." }];
  throw new AppError(httpErrors.malformedBody, { mistakes });
}

function parse(text: string | undefined): Readonly<Record<string, unknown>> {
  if (text === undefined || text === "" || text.length > lengthMax) return refuse();
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : refuse();
  } catch {
    return refuse();
  }
}

function pick(from: unknown, names: readonly string[]): Record<string, unknown> {
  if (typeof from !== "object" || from === null) return refuse();
  const entries = names.map((name) => [name, Reflect.get(from, name)] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined && value !== null));
}

/** The answer to a prompt for a passkey that exists. Throws `http.malformed_body` when there is none. */
export function toSignInAnswer(credential: string | undefined): object {
  const json = parse(credential);
  const response = pick(json["response"], ["clientDataJSON", "authenticatorData", "signature", "userHandle"]);
  return { credentialId: json["id"], ...response };
}

/** The answer to a prompt that made one; transports this server does not know are left out. */
export function toRegistrationAnswer(credential: string | undefined, known: readonly string[]): object {
  const json = parse(credential);
  const { transports, ...response } = pick(json["response"], ["clientDataJSON", "attestationObject", "transports"]);
  const list = Array.isArray(transports) ? transports.filter((one) => known.includes(String(one))) : [];
  return { credentialId: json["id"], ...response, transports: list };
}
