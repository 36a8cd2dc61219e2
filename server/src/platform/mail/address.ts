// Mail addresses, read strictly: one mailbox, written `name@domain`. Quoted names, comments, groups, lists and address
// literals are refused, because mail programs disagree about where such an address leads (CVE-2025-13033).

import { domainToASCII } from "node:url";
import { AppError } from "../../kernel/errors.ts";
import { mailErrors } from "./errors.ts";

const lengthMax = 254; // RFC 5321 4.5.3.1.3, without the angle brackets
const localPart = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/; // RFC 5322 3.2.3
const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/; // RFC 1035 2.3.1
const forbidden = /[\p{Cc}\s/:?#@\\[\]%]/u;

function readDomain(text: string): string | undefined {
  if (forbidden.test(text)) return undefined;
  const domain = domainToASCII(text).toLowerCase();
  const labels = domain.split(".");
  // A last label of digits would be an IPv4 address (WHATWG URL 3.5).
  return labels.every((one) => label.test(one)) && !/^\d+$/.test(labels.at(-1) ?? "") ? domain : undefined;
}

/** The address with its domain in lower-case ASCII, or undefined when it is not one plain mailbox of at most 254 characters. */
export function findMailAddress(text: unknown): string | undefined {
  if (typeof text !== "string" || text.length > lengthMax) return undefined;
  const at = text.lastIndexOf("@");
  const local = text.slice(0, Math.max(at, 0));
  const domain = readDomain(text.slice(at + 1));
  if (domain === undefined || local.length > 64 || !localPart.test(local)) return undefined;
  const address = `${local}@${domain}`;
  return address.length <= lengthMax ? address : undefined;
}

/** The address with its domain in lower-case ASCII. Throws `mail.address_invalid` when it is not one plain mailbox. */
export function parseMailAddress(text: unknown): string {
  const address = findMailAddress(text);
  if (address === undefined) throw new AppError(mailErrors.addressInvalid);
  return address;
}

/** Who mail comes from: an address and the operator's name for it, which may be empty. */
export interface Sender {
  readonly name: string;
  readonly address: string;
}

/** Reads `name@example.org` or `Name <name@example.org>`; undefined when it is neither. */
export function findSender(text: string): Sender | undefined {
  const match = /^([^<>\p{Cc}\u2028\u2029]{0,100})<([^<>]+)>$/u.exec(text.trim());
  const name = (match?.[1] ?? "").trim().replace(/^"(.*)"$/, "$1");
  const address = findMailAddress(match?.[2] ?? text.trim());
  return address === undefined ? undefined : { name, address };
}
