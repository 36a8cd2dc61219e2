// What a response may hold but probably should not: choices that answer alike, lists that some platforms cut.

import { formatPath, type Mistake } from "./mistakes.ts";
import type { ResponseDefinition } from "./response-schema.ts";

/** What every platform with lists shows of one. */
const rowsShownEverywhere = 10;

type Payloads = readonly (readonly [path: readonly PropertyKey[], payload: string])[];

/** Warnings about the responses of a node, at `base`. */
export function warningsOfResponses(responses: readonly ResponseDefinition[], base: readonly PropertyKey[]): Mistake[] {
  return responses.flatMap((response, index) =>
    listContents(response, [...base, "responses", index]).flatMap(([path, content]) =>
      warningsOfContent(content, path),
    ),
  );
}

/** The content of a response, of its variations and of its locales, each with its path. */
function listContents(
  response: ResponseDefinition,
  path: readonly PropertyKey[],
): readonly (readonly [readonly PropertyKey[], ResponseDefinition])[] {
  const { type, variations = [], locales = {} } = response;
  // The contents of a response are of its own type, which TypeScript cannot follow through the union.
  const typed = (content: object): ResponseDefinition => ({ ...content, type }) as ResponseDefinition;
  return [
    [path, response],
    ...variations.map((content, index) => [[...path, "variations", index], typed(content)] as const),
    ...Object.entries(locales).flatMap(([locale, content]) =>
      listContents(typed(content), [...path, "locales", locale]),
    ),
  ];
}

function warningsOfContent(content: ResponseDefinition, path: readonly PropertyKey[]): Mistake[] {
  const payloads = listPayloads(content);
  const warnings = findRepeated(payloads).map(
    (place): Mistake => ({
      path: formatPath([...path, ...place]),
      message: "Another choice of this response has the same payload; some platforms show only one of them.",
    }),
  );
  if (content.type === "list" && payloads.length > rowsShownEverywhere) {
    const message = `Some platforms show ${rowsShownEverywhere} rows of a list; what goes beyond becomes text there.`;
    warnings.push({ path: formatPath([...path, "sections"]), message });
  }
  return warnings;
}

function listPayloads(content: ResponseDefinition): Payloads {
  switch (content.type) {
    case "buttons":
      return payloadsOf(content.buttons, ["buttons"]);
    case "quickReplies":
      return payloadsOf(content.replies, ["replies"]);
    case "list":
      return content.sections.flatMap(({ rows }, index) => payloadsOf(rows, ["sections", index, "rows"]));
    case "carousel":
      return content.cards.flatMap(({ buttons = [] }, index) => payloadsOf(buttons, ["cards", index, "buttons"]));
    default:
      return [];
  }
}

function payloadsOf(choices: readonly object[], path: readonly PropertyKey[]): Payloads {
  return choices.flatMap((choice, index) =>
    "payload" in choice && typeof choice.payload === "string"
      ? [[[...path, index, "payload"], choice.payload] as const]
      : [],
  );
}

/** Where a payload stands that stood before. Templates are left aside: what they render to may differ. */
function findRepeated(payloads: Payloads): readonly (readonly PropertyKey[])[] {
  const seen = new Set<string>();
  return payloads.flatMap(([path, payload]) => {
    if (payload.includes("{{") || payload.includes("{%")) return [];
    const isRepeated = seen.has(payload);
    seen.add(payload);
    return isRepeated ? [path] : [];
  });
}
