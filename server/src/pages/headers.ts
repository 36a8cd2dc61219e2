// The headers of the server's HTML pages: a policy under which the page's own stylesheet and its one script run and nothing
// else does, no framing, no sniffing, no referrer, nothing kept.
//
// SECURITY: `referrer-policy: no-referrer` makes browsers send `Origin: null` with these pages' own posts. Whoever checks
// posts reads `Sec-Fetch-Site` first and takes `null` for absent, never for same-origin.

import { AppError } from "../kernel/errors.ts";
import type { HeaderList } from "../platform/http/surface-headers.ts";
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
  "accelerometer",
  "autoplay",
  "browsing-topics",
  "camera",
  "clipboard-read",
  "display-capture",
  "encrypted-media",
  "fullscreen",
  "gamepad",
  "geolocation",
  "gyroscope",
  "hid",
  "idle-detection",
  "local-fonts",
  "magnetometer",
  "microphone",
  "midi",
  "otp-credentials",
  "payment",
  "picture-in-picture",
  "screen-wake-lock",
  "serial",
  "storage-access",
  "usb",
  "xr-spatial-tracking",
];

const permissionsPolicy = [
  ...ownFeatures.map((feature) => `${feature}=(self)`),
  ...deniedFeatures.map((feature) => `${feature}=()`),
].join(", ");

function toContentSecurityPolicy(nonce: string, isReporting: boolean): string {
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}' 'strict-dynamic'`,
    "style-src 'self'",
    "img-src 'self' data:",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "object-src 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
    ...(isReporting ? ["report-to csp"] : []),
  ].join("; ");
}

/** Two years (63,072,000 s), the figure the browsers' preload list asks for. */
const strictTransport = ["strict-transport-security", "max-age=63072000; includeSubDomains"] as const;

/**
 * The headers of one HTML answer. Throws `pages.nonce` for a nonce that is short or could end its directive.
 * SECURITY: a page is never sent without a whole policy.
 */
export function listPageHeaders(options: PageHeaderOptions): HeaderList {
  const { nonce, isHttps, publicOrigin, reportPath } = options;
  if (!/^[\w+/-]{22,128}={0,2}$/.test(nonce)) throw new AppError(pageErrors.nonce);
  return [
    ["cache-control", "no-store"],
    ["content-security-policy", toContentSecurityPolicy(nonce, reportPath !== undefined)],
    ["content-type", "text/html; charset=utf-8"],
    ["cross-origin-embedder-policy", "require-corp"],
    ["cross-origin-opener-policy", "same-origin"],
    ["cross-origin-resource-policy", "same-origin"],
    ["origin-agent-cluster", "?1"],
    ["permissions-policy", permissionsPolicy],
    ["referrer-policy", "no-referrer"],
    ["x-content-type-options", "nosniff"],
    ["x-frame-options", "DENY"],
    ["x-permitted-cross-domain-policies", "none"],
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
