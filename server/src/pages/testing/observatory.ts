// The rules of Mozilla's HTTP Observatory, algorithm 6, as far as one answer can be judged offline. Bonuses are counted in
// full, as the Observatory does for an answer that loses no points elsewhere.

export interface Answer {
  readonly headers: ReadonlyMap<string, string>;
  /** `Set-Cookie` lines. */
  readonly cookies: readonly string[];
  readonly body: string;
}

const broad = ["ftp:", "http:", "https:", "*", "http://*", "http://*.*", "https://*", "https://*.*"];
const unsafe = [...broad, "'unsafe-inline'", "'unsafe-eval'", "data:"];

class Policy {
  readonly #sources = new Map<string, readonly string[]>();

  constructor(text: string) {
    for (const part of text.split(";")) {
      const [name = "", ...sources] = part.trim().split(/\s+/);
      if (name !== "") this.#sources.set(name, sources);
    }
  }

  /** The sources of a directive; with none of its own those of `default-src`; with neither, anything. */
  sources(name: string): readonly string[] {
    return this.#sources.get(name) ?? this.#sources.get("default-src") ?? ["*"];
  }

  own(name: string): readonly string[] {
    return this.#sources.get(name) ?? ["*"];
  }
}

function toPolicy({ headers }: Answer): Policy | undefined {
  const text = headers.get("content-security-policy");
  return text === undefined ? undefined : new Policy(text);
}

function hasAny(sources: readonly string[], refused: readonly string[]): boolean {
  return sources.some((source) => refused.includes(source));
}

function scorePolicy(answer: Answer): number {
  const policy = toPolicy(answer);
  if (policy === undefined) return -25;
  if (hasAny(policy.sources("script-src"), unsafe) || hasAny(policy.sources("object-src"), broad)) return -20;
  if (hasAny(policy.sources("style-src"), unsafe)) return 0;
  return policy.own("default-src").join(" ") === "'none'" ? 10 : 5;
}

function scoreCookies({ cookies }: Answer): number {
  if (cookies.length === 0) return 0;
  const needed = [/;\s*secure/i, /;\s*httponly/i, /;\s*samesite=(?:strict|lax)/i];
  return cookies.every((cookie) => needed.every((one) => one.test(cookie))) ? 5 : -40;
}

function scoreIntegrity({ body }: Answer): number {
  const scripts = body.match(/<script\b[^>]*>/g) ?? [];
  if (scripts.length === 0) return 0;
  const isLocal = scripts.every((script) => / src="\/[^/]/.test(script));
  const isSealed = scripts.every((script) => /\sintegrity="sha(?:256|384|512)-[A-Za-z0-9+/]+=*"/.test(script));
  if (!isLocal) return -50;
  return isSealed ? 5 : 0;
}

function scoreTransport({ headers }: Answer): number {
  const maxAge = /max-age=(\d+)/.exec(headers.get("strict-transport-security") ?? "")?.[1];
  if (maxAge === undefined) return -20;
  return Number(maxAge) >= 15_768_000 ? 0 : -10;
}

function scoreAmong({ headers }: Answer, name: string, best: readonly string[]): number {
  const value = headers.get(name);
  if (value === undefined) return 0;
  return best.includes(value) ? 10 : -5;
}

const privateReferrers = ["no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"];

/** The points of each test, around the base of 100. */
export function scoreAnswer(answer: Answer): Record<string, number> {
  const { headers } = answer;
  const isFramed = hasAny(toPolicy(answer)?.own("frame-ancestors") ?? ["*"], broad);
  return {
    "content-security-policy": scorePolicy(answer),
    cookies: scoreCookies(answer),
    "cross-origin-resource-sharing": headers.get("access-control-allow-origin") === "*" ? -50 : 0,
    "referrer-policy": privateReferrers.includes(headers.get("referrer-policy") ?? "") ? 5 : -5,
    "strict-transport-security": scoreTransport(answer),
    "subresource-integrity": scoreIntegrity(answer),
    "x-content-type-options": headers.get("x-content-type-options") === "nosniff" ? 0 : -5,
    "x-frame-options": isFramed ? -20 : 5,
    "cross-origin-resource-policy": scoreAmong(answer, "cross-origin-resource-policy", ["same-origin", "same-site"]),
    "cross-origin-opener-policy": scoreAmong(answer, "cross-origin-opener-policy", ["same-origin"]),
    "cross-origin-embedder-policy": scoreAmong(answer, "cross-origin-embedder-policy", [
      "require-corp",
      "credentialless",
    ]),
  };
}
