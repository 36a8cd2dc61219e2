// The headers of what websites fetch. A file is of one type and may be kept; the frame may stand on the pages its channel
// lists and on no other; the demo page is one of our own. None of them sets a cookie.

import { AppError } from "../kernel/errors.ts";
import type { HeaderList } from "../platform/http/surface-headers.ts";
import { embedErrors } from "./errors.ts";

const nothingRuns = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const fiveMinutes = "public, max-age=300";
const forGood = "public, max-age=31536000, immutable";

/** SECURITY: a nonce that is short or could end its directive would leave the page with a policy that is open. */
function assertNonce(nonce: string): void {
  if (!/^[\w+/-]{22,128}={0,2}$/.test(nonce)) throw new AppError(embedErrors.nonce);
}

/** What a website's page loads: any page may, and check what it got (`crossorigin`, `integrity`). It holds no secret. */
export function listLoaderHeaders(contentType: string, cache: "brief" | "hashed"): HeaderList {
  return [
    ["access-control-allow-origin", "*"],
    ["cache-control", cache === "brief" ? fiveMinutes : forGood],
    ["content-security-policy", nothingRuns],
    ["content-type", contentType],
    ["cross-origin-resource-policy", "cross-origin"],
    ["x-content-type-options", "nosniff"],
  ];
}

/** What the frame and our own pages load. */
export function listFileHeaders(contentType: string): HeaderList {
  return [
    ["cache-control", forGood],
    ["content-security-policy", nothingRuns],
    ["content-type", contentType],
    ["cross-origin-resource-policy", "same-origin"],
    ["x-content-type-options", "nosniff"],
  ];
}

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
  assertNonce(nonce);
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}' 'strict-dynamic'`,
    "style-src 'self'",
    "img-src 'self' blob:",
    "media-src 'self' blob:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "object-src 'none'",
    `frame-ancestors ${ancestors.length === 0 ? "'none'" : ancestors.join(" ")}`,
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ");
  return listDocumentHeaders(policy);
}

/** The headers of the page that is shown in the frame's place: nothing runs, and no page frames it. */
export function listRefusalHeaders(): HeaderList {
  return [...listDocumentHeaders(`${nothingRuns}; style-src 'self'`), ["x-frame-options", "DENY"]];
}

/** The headers of the demo page. Throws `embed.nonce` for a nonce that cannot be used. */
export function listDemoHeaders(nonce: string): HeaderList {
  assertNonce(nonce);
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}' 'strict-dynamic'`,
    "style-src 'self'",
    "img-src 'self'",
    "frame-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "object-src 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ");
  return [
    ...listDocumentHeaders(policy),
    ["cross-origin-resource-policy", "same-origin"],
    ["permissions-policy", `clipboard-write=(self), ${denied}`],
    ["x-frame-options", "DENY"],
  ];
}

const denied = [
  ...["accelerometer", "browsing-topics", "camera", "clipboard-read", "display-capture", "geolocation", "gyroscope"],
  ...["hid", "magnetometer", "microphone", "midi", "payment", "publickey-credentials-get", "serial", "usb"],
]
  .map((feature) => `${feature}=()`)
  .join(", ");

/** A page with `require-corp` can be framed by one that has it; CORP lets a page of another origin take it in. */
function listDocumentHeaders(policy: string): HeaderList {
  return [
    ["cache-control", "no-store"],
    ["content-security-policy", policy],
    ["content-type", "text/html; charset=utf-8"],
    ["cross-origin-embedder-policy", "require-corp"],
    ["cross-origin-opener-policy", "same-origin"],
    ["cross-origin-resource-policy", "cross-origin"],
    ["origin-agent-cluster", "?1"],
    ["permissions-policy", denied],
    ["referrer-policy", "no-referrer"],
    ["x-content-type-options", "nosniff"],
    ["x-permitted-cross-domain-policies", "none"],
    ["x-robots-tag", "noindex"],
  ];
}
