// A letter as the message that travels (RFC 5322, MIME). Only nodemailer writes headers; it is given plain strings and may
// read neither files nor addresses.

import { AppError } from "../../kernel/errors.ts";
import type { Sender } from "./address.ts";
import { mailErrors } from "./errors.ts";
import type { Letter } from "./letter.ts";

const messageBytesMax = 1_000_000;

/** Loaded with the first letter: a server that sends none does without the 20 MiB. */
async function openComposer() {
  const { createTransport } = await import("nodemailer");
  return createTransport({
    streamTransport: true,
    buffer: true,
    newline: "windows",
    // SECURITY: whatever a letter holds, composing it reads no file and opens no connection (CVE-2026-85170).
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}

let composer: ReturnType<typeof openComposer> | undefined;

/** The message, with CRLF line ends. `letter` must come from `parseLetter`. Throws `mail.letter_invalid` above 1 MB. */
export async function composeMessage(letter: Letter, sender: Sender, nowMs: number): Promise<Buffer> {
  composer ??= openComposer();
  const made = await (await composer).sendMail({
    from: { name: sender.name, address: sender.address },
    to: { name: "", address: letter.to },
    subject: letter.subject,
    text: letter.text,
    html: letter.html,
    date: new Date(nowMs),
    xMailer: false,
    // RFC 3834: out-of-office programs stay silent.
    headers: { "auto-submitted": "auto-generated", "x-auto-response-suppress": "All" },
  });
  if (!Buffer.isBuffer(made.message) || made.message.length > messageBytesMax) {
    throw new AppError(mailErrors.letterInvalid, { note: "the message is too large" });
  }
  return made.message;
}
