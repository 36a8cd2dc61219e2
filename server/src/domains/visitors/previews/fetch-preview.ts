import type { OutboundClient, OutboundResponse } from "../../../platform/outbound/index.ts";
import { type PageFacts, readPage } from "./read-page.ts";

const timeoutMs = 5_000;
const bytesMax = 512 * 1024;
const pageType = /^(?:text\/html|application\/xhtml\+xml)\s*(?:;|$)/i;
const charsetOf = /charset\s*=\s*["']?([\w.:-]{1,40})/i;
/** How far a page may say its encoding (HTML 13.2.3.2). */
const encodingBytes = 1024;

export interface Preview extends PageFacts {
  readonly url: string;
}

/** What a page says its encoding is, in the header or in its beginning; UTF-8 when that is no encoding. */
function decode({ headers, body }: OutboundResponse): string {
  const inHeader = charsetOf.exec(headers["content-type"] ?? "")?.[1];
  const inPage = charsetOf.exec(body.subarray(0, encodingBytes).toString("latin1"))?.[1];
  for (const label of [inHeader, inPage]) {
    try {
      if (label !== undefined) return new TextDecoder(label).decode(body);
    } catch {
      // No encoding of this name: as if none had been said.
    }
  }
  return new TextDecoder().decode(body);
}

/**
 * Fetches a page and reads what it says about itself. Undefined for whatever is no page within five seconds and 512 KiB at
 * exactly this address: redirects are not followed.
 */
export async function fetchPreview(
  { outbound }: { readonly outbound: Pick<OutboundClient, "request"> },
  url: string,
): Promise<Preview | undefined> {
  // SECURITY: the guarded client reaches public hosts only, however the link came into the message.
  if (!url.startsWith("https://")) return undefined;
  const headers = { accept: "text/html, application/xhtml+xml" };
  const answer = await outbound
    .request({ method: "GET", url, headers, timeoutMs, responseBytesMax: bytesMax })
    .catch(() => undefined);
  if (answer?.status !== 200 || !pageType.test(answer.headers["content-type"] ?? "")) return undefined;
  if ((answer.headers["content-encoding"] ?? "identity") !== "identity") return undefined;
  const facts = readPage(decode(answer), url);
  return facts === undefined ? undefined : { url, ...facts };
}
