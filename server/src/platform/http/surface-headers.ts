// The security headers of each surface, computed once. Every answer carries them: successes, refusals, unknown addresses
// and malformed requests alike. The vocabulary is helmet's; setting it a request costs one pass over a fixed list.
//
// SECURITY: no surface here sends Access-Control-Allow-Origin by itself. The public chat adds it, for the sites its channel
// lists; a browser page of another origin can read none of the others.

/**
 * `api`: integrators. `channel`: messaging platforms. `chat`: visitors of websites. `embed`: the files and pages websites show
 * the chat with, each with headers of its own. `operations`: health and metrics. `page`: people's browsers.
 */
export type SurfaceName = "api" | "channel" | "chat" | "embed" | "operations" | "page";

export type HeaderList = readonly (readonly [name: string, value: string])[];

/** The policy of what is no page. */
export const nothingRuns = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** What nothing here ever uses. */
const unusedFeatures = [
  ...[
    "accelerometer",
    "camera",
    "display-capture",
    "geolocation",
    "gyroscope",
    "magnetometer",
    "microphone",
    "payment",
  ],
  "usb",
];

/** Lets an answer use `own` features itself, and denies `denied` and what nothing here uses to everybody. */
export function toPermissionsPolicy(own: readonly string[], denied: readonly string[]): string {
  return [
    ...own.map((feature) => `${feature}=(self)`),
    ...[...unusedFeatures, ...denied].map((feature) => `${feature}=()`),
  ].join(", ");
}

const jsonHeaders: HeaderList = [
  ["cache-control", "no-store"],
  ["content-security-policy", nothingRuns],
  ["cross-origin-opener-policy", "same-origin"],
  ["cross-origin-resource-policy", "same-origin"],
  ["permissions-policy", toPermissionsPolicy([], ["publickey-credentials-get"])],
  ["referrer-policy", "no-referrer"],
  ["x-content-type-options", "nosniff"],
  ["x-frame-options", "DENY"],
  ["x-permitted-cross-domain-policies", "none"],
];

/** Two years (63,072,000 s), the figure the browsers' preload list asks for. */
export const strictTransport = ["strict-transport-security", "max-age=63072000; includeSubDomains"] as const;

/** The headers of one surface. `https` adds HSTS: true when people reach the server by HTTPS, here or at a proxy. */
export function listSurfaceHeaders(surface: SurfaceName, https: boolean): HeaderList {
  const headers = https ? [...jsonHeaders, strictTransport] : jsonHeaders;
  return surface === "api" || surface === "chat" ? [...headers, ["vary", "Origin"]] : headers;
}
