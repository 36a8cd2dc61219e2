// What a visitor leaves when nobody is there: it becomes a message of the conversation like any other, so that no question is
// lost. The address and the name are what the visitor says; they prove nothing and change no member.

import { z } from "zod";
import { AppError } from "../../../kernel/errors.ts";
import { toOneLine } from "../../../platform/html/index.ts";
import type { InboundMessage } from "../../channels/index.ts";
import { findEmail } from "../../identity/index.ts";
import { contactErrors } from "./errors.ts";

const textMax = 4_000;
const nameMax = 100;

/** The fields of the form, besides the client's id of the message. */
export const contactFields = {
  email: z.string().min(3).max(254),
  text: z.string().max(textMax).regex(/\S/, { error: "must not be blank" }),
  name: z.string().max(nameMax).optional(),
};

export interface Contact {
  readonly email: string;
  readonly text: string;
  readonly name?: string | undefined;
}

export interface ContactPlace {
  /** The replay key: the same for the same form sent again. */
  readonly platformMessageId: string;
  /** The member's id. */
  readonly externalId: string;
  readonly nowMs: number;
}

/** The form as a message. Throws `visitors.contact_email_invalid` for an address that is not one plain mailbox. */
export function toContactMessage(contact: Contact, place: ContactPlace): InboundMessage {
  const email = findEmail(contact.email);
  if (email === undefined) {
    const mistakes = [{ path: "email", message: "must be a mail address such as name@example.org" }];
    throw new AppError(contactErrors.emailInvalid, { mistakes });
  }
  const name = toOneLine(contact.name ?? "");
  return {
    kind: "message",
    platformMessageId: place.platformMessageId,
    externalId: place.externalId,
    sentAtMs: place.nowMs,
    type: "text",
    text: contact.text.toWellFormed(),
    data: { contact: { email, ...(name === "" ? {} : { name }) } },
  };
}
