// The headers of HTML that this server writes, and of the files such a page loads: a policy under which a page's own files
// run and nothing else does, no sniffing, no referrer, nothing kept. Who may frame it and what it may load is each page's.

import { type HeaderList, nothingRuns, toPermissionsPolicy } from "./surface-headers.ts";

/** SECURITY: a nonce that is short or could end its directive would leave its page with a policy that is open. */
export function isNonce(nonce: string): boolean {
  return /^[\w+/-]{22,128}={0,2}$/.test(nonce);
}

/** The policy of a page with one stylesheet and scripts by nonce; `own` is what it may do besides, and who may frame it. */
export function toPagePolicy(nonce: string, own: readonly string[]): string {
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}' 'strict-dynamic'`,
    "style-src 'self'",
    ...own,
    "base-uri 'none'",
    "object-src 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ");
}

interface DocumentOptions {
  readonly policy: string;
  readonly ownFeatures?: readonly string[];
  readonly deniedFeatures: readonly string[];
  /** Whose pages may take it in: one that isolates itself (`require-corp`) frames only what says so here. */
  readonly takenInBy: "same-origin" | "cross-origin";
}

/** The headers of one HTML answer, apart from who may frame it by `X-Frame-Options`. */
export function listDocumentHeaders(options: DocumentOptions): HeaderList {
  const { policy, ownFeatures = [], deniedFeatures, takenInBy } = options;
  return [
    ["cache-control", "no-store"],
    ["content-security-policy", policy],
    ["content-type", "text/html; charset=utf-8"],
    ["cross-origin-embedder-policy", "require-corp"],
    ["cross-origin-opener-policy", "same-origin"],
    ["cross-origin-resource-policy", takenInBy],
    ["origin-agent-cluster", "?1"],
    ["permissions-policy", toPermissionsPolicy(ownFeatures, deniedFeatures)],
    ["referrer-policy", "no-referrer"],
    ["x-content-type-options", "nosniff"],
    ["x-permitted-cross-domain-policies", "none"],
  ];
}

/** Of a file under an address that holds the hash of its bytes. */
export const keptForGood = "public, max-age=31536000, immutable";

/** The headers of a file that our own pages load: kept for a year, of one type, for this origin's pages only. */
export function listAssetHeaders({ contentType }: { readonly contentType: string }): HeaderList {
  return [
    ["cache-control", keptForGood],
    ["content-security-policy", nothingRuns],
    ["content-type", contentType],
    ["cross-origin-resource-policy", "same-origin"],
    ["x-content-type-options", "nosniff"],
  ];
}
