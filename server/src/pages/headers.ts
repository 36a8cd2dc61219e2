// The headers of the server's HTML pages: a policy under which the page's own stylesheet and its one script run and nothing
// else does, no framing, no sniffing, no referrer, nothing kept.
//
// SECURITY: `referrer-policy: no-referrer` makes browsers send `Origin: null` with these pages' own posts. Whoever checks
// posts reads `Sec-Fetch-Site` first and takes `null` for absent, never for same-origin.

import { AppError } from "../kernel/errors.ts";
import { isNonce, listDocumentHeaders, toPagePolicy } from "../platform/http/document-headers.ts";
import { type HeaderList, strictTransport } from "../platform/http/surface-headers.ts";
import { pageErrors } from "./errors.ts";

export interface PageHeaderOptions {
  /** At least 128 bits from the random generator, base64 or base64url, drawn for this answer alone. */
  readonly nonce: string;
  /** True when people reach the server by HTTPS, here or at a proxy. */
  readonly isHttps: boolean;
  /** `https://parley.example.com`: where reports go, with `reportPath`. */
  readonly publicOrigin: string;
  /** The path that takes browsers' reports of refused content; none are asked for without it. */
  readonly reportPath?: string;
}

/** Features the pages may use themselves. Every other one that browsers know is denied to everybody. */
const ownFeatures = ["publickey-credentials-create", "publickey-credentials-get", "clipboard-write"];

const deniedFeatures = [
  ...["autoplay", "browsing-topics", "clipboard-read", "encrypted-media", "fullscreen", "gamepad", "hid"],
  ...["idle-detection", "local-fonts", "midi", "otp-credentials", "picture-in-picture", "screen-wake-lock", "serial"],
  ...["storage-access", "xr-spatial-tracking"],
];

const ownPolicy = ["img-src 'self' data:", "form-action 'self'", "frame-ancestors 'none'"];

/**
 * The headers of one HTML answer. Throws `pages.nonce` for a nonce that is short or could end its directive.
 * SECURITY: a page is never sent without a whole policy.
 */
export function listPageHeaders(options: PageHeaderOptions): HeaderList {
  const { nonce, isHttps, publicOrigin, reportPath } = options;
  if (!isNonce(nonce)) throw new AppError(pageErrors.nonce);
  const policy = toPagePolicy(nonce, ownPolicy);
  const document = listDocumentHeaders({
    ...{ ownFeatures, deniedFeatures, takenInBy: "same-origin" },
    policy: reportPath === undefined ? policy : `${policy}; report-to csp`,
  });
  return [
    ...document,
    ["x-frame-options", "DENY"],
    ...(isHttps ? [strictTransport] : []),
    ...(reportPath === undefined
      ? []
      : [["reporting-endpoints", `csp="${new URL(reportPath, publicOrigin).href}"`] as const]),
  ];
}

/**
 * What the answer to a sign-out carries besides: the browser forgets what it kept of this origin. The session's cookie is
 * ended by name, with `Set-Cookie`: the directive `"cookies"` would also end those of neighbouring hosts of the same
 * domain, which are not ours.
 */
export function listSignOutHeaders(): HeaderList {
  return [["clear-site-data", '"cache", "storage"']];
}
