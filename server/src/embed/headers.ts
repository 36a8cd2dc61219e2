// The headers of what websites fetch. The loader is every page's; the frame may stand on the pages its channel lists and on
// no other; the demo page is one of our own. None of them sets a cookie.

import { AppError } from "../kernel/errors.ts";
import {
  isNonce,
  keptForGood,
  listAssetHeaders,
  listDocumentHeaders,
  toPagePolicy,
} from "../platform/http/document-headers.ts";
import { type HeaderList, nothingRuns } from "../platform/http/surface-headers.ts";
import { embedErrors } from "./errors.ts";

const fiveMinutes = "public, max-age=300";

/** The policy of a page that runs what the nonce names. Throws `embed.nonce` for one that cannot be used. */
function toPolicy(nonce: string, own: readonly string[]): string {
  if (!isNonce(nonce)) throw new AppError(embedErrors.nonce);
  return toPagePolicy(nonce, own);
}

/** What a website's page loads: any page may, and check what it got (`crossorigin`, `integrity`). It holds no secret. */
export function listLoaderHeaders(contentType: string, cache: "brief" | "hashed"): HeaderList {
  const own = new Map(listAssetHeaders({ contentType }));
  own.set("access-control-allow-origin", "*");
  own.set("cache-control", cache === "brief" ? fiveMinutes : keptForGood);
  own.set("cross-origin-resource-policy", "cross-origin");
  return [...own];
}

const deniedFeatures = ["browsing-topics", "clipboard-read", "hid", "midi", "publickey-credentials-get", "serial"];

const unlisted = ["x-robots-tag", "noindex"] as const;
const unframed = ["x-frame-options", "DENY"] as const;

interface FrameHeaderOptions {
  /** At least 128 bits from the random generator, drawn for this answer alone. */
  readonly nonce: string;
  /** Canonical origins, as `findSiteOrigin` writes them. Empty: nobody's page. */
  readonly ancestors: readonly string[];
}

/**
 * The headers of the frame. Throws `embed.nonce` for a nonce that cannot be used.
 * SECURITY: `frame-ancestors` alone says who may frame, because X-Frame-Options cannot name origins; the policy is whole.
 */
export function listFrameHeaders({ nonce, ancestors }: FrameHeaderOptions): HeaderList {
  const policy = toPolicy(nonce, [
    "img-src 'self' blob:",
    "media-src 'self' blob:",
    "connect-src 'self'",
    "form-action 'none'",
    `frame-ancestors ${ancestors.length === 0 ? "'none'" : ancestors.join(" ")}`,
  ]);
  return [...listDocumentHeaders({ policy, deniedFeatures, takenInBy: "cross-origin" }), unlisted];
}

/** The headers of the page that is shown in the frame's place: nothing runs, and no page frames it. */
export function listRefusalHeaders(): HeaderList {
  const policy = `${nothingRuns}; style-src 'self'`;
  return [...listDocumentHeaders({ policy, deniedFeatures, takenInBy: "cross-origin" }), unlisted, unframed];
}

/** The headers of the demo page. Throws `embed.nonce` for a nonce that cannot be used. */
export function listDemoHeaders(nonce: string): HeaderList {
  const own = ["img-src 'self'", "frame-src 'self'", "form-action 'none'", "frame-ancestors 'none'"];
  const document = { policy: toPolicy(nonce, own), ownFeatures: ["clipboard-write"], deniedFeatures };
  return [...listDocumentHeaders({ ...document, takenInBy: "same-origin" }), unlisted, unframed];
}
