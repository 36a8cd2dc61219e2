// Origins of websites that may show a web channel: one spelling each, fit to stand in a `frame-ancestors` directive and
// to be compared with an `Origin` header letter by letter.

const originLengthMax = 300;
/** A scheme, an authority, and nothing behind it. */
const bareOrigin = /^https?:\/\/[^/?#\\@\s]+$/i;
/**
 * What CSP lets a source name: letters, digits, dots, hyphens (CSP3 2.3.1, host-part). URLs allow more.
 * SECURITY: a URL's host may hold `;` and `'`, which would end the directive and begin another.
 */
const plainOrigin = /^(https?):\/\/([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::\d{1,5})?$/;

function isLoopbackHost(host: string): boolean {
  return host === "localhost" || host.endsWith(".localhost") || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}

/**
 * The origin as browsers write it (lower case, punycode, no default port); undefined unless `text` is an exact https
 * origin, or an http one of this machine. No path, no wildcard, no name and password.
 */
export function findSiteOrigin(text: string): string | undefined {
  if (text.length > originLengthMax || !bareOrigin.test(text) || /[*%]/.test(text)) return undefined;
  const origin = URL.parse(text)?.origin ?? "";
  const [, scheme, host = ""] = plainOrigin.exec(origin) ?? [];
  if (scheme === "https" || (scheme === "http" && isLoopbackHost(host))) return origin;
  return undefined;
}
