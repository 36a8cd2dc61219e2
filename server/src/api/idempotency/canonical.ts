// One spelling for equal JSON values, so that a client may write a request's fields in another order the second time.

/** The value as JSON with the names of every object sorted. Total for what JSON can hold. */
export function toCanonicalJson(value: unknown): string {
  return JSON.stringify(value, (_name, part: unknown) => {
    if (typeof part !== "object" || part === null || Array.isArray(part)) return part;
    const entries = Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(entries);
  });
}
