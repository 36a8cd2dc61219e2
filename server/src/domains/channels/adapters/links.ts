// Which addresses may go out to a member. Only the web: a scheme that runs code or opens a local file is never sent.

const linkLengthMax = 2_000;

/** The address when it is an absolute http or https URL without credentials, at most 2,000 characters. */
export function findWebLink(text: string): string | undefined {
  const trimmed = text.trim();
  if (trimmed.length === 0 || trimmed.length > linkLengthMax || !URL.canParse(trimmed)) return undefined;
  const url = new URL(trimmed);
  const isWeb = url.protocol === "https:" || url.protocol === "http:";
  if (!isWeb || url.username !== "" || url.password !== "") return undefined;
  return url.href.length <= linkLengthMax ? url.href : undefined;
}
