// Where the pictures, recordings, films and files of a message lie: at an https address, or in the app itself. Checked
// when a tree is saved and again after rendering, since a template can make any text.

import { describeUrlProblem } from "./https-url.ts";

const fileAddress = /^file:(fil_[0-9a-f]{32})$/;

/** The id of the app's file that an address names (`file:fil_...`); undefined for any other address. */
export function findFileId(address: string): string | undefined {
  return fileAddress.exec(address)?.[1];
}

/** What is wrong with the address of an image, audio, video or file, or undefined when it may be sent. */
export function describeMediaProblem(text: string): string | undefined {
  if (findFileId(text) !== undefined) return undefined;
  // SECURITY: no other address of this scheme is one, so none ever names a path.
  if (/^file:/i.test(text)) return "A file of the app is file:fil_ and 32 hexadecimal digits.";
  return describeUrlProblem(text);
}
