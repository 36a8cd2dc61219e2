// Responses as functions of the run: condition, locale, variation, then the content. What comes to nothing is left out
// and the trace says why; an address that may not be sent after rendering ends the event with an error.

import type { Run } from "../run/run.ts";
import { type ResponseTrace, toTraceMessage, toTraceText } from "../run/trace.ts";
import type { ResponseDefinition } from "../tree/response-schema.ts";
import { compileCondition } from "../trigger/compile-trigger.ts";
import type { OutgoingMessage } from "../types.ts";
import { type Content, compileContent } from "./compile-content.ts";

/** A compiled response: the message to send, if any, and its trace. Throws EngineFault. */
export type CompiledResponse = (run: Run) => { message: OutgoingMessage | undefined; trace: ResponseTrace };

/** Compiles a response. Throws EngineFault for what `parseTree` would refuse. */
export function compileResponse(response: ResponseDefinition): CompiledResponse {
  const { type } = response;
  const condition = response.when === undefined ? undefined : compileCondition(response.when);
  const general = compileVariants(response);
  const byLocale = new Map(
    Object.entries(response.locales ?? {}).map(([locale, content]): [string, Content[]] => [
      locale.toLowerCase(),
      compileVariants({ ...content, type } as ResponseDefinition),
    ]),
  );
  return (run) => {
    const verdict = condition?.(run);
    if (verdict?.matched === false) return { message: undefined, trace: { type, skipped: toTraceText(verdict.why) } };
    const locale = findLocale(run.draft.locale, byLocale);
    const variants = (locale === undefined ? undefined : byLocale.get(locale)) ?? general;
    const index = variants.length > 1 ? run.takePick(variants.length) : 0;
    const said = variants[index]?.(run) ?? { skipped: "there is nothing to say" };
    const place = { ...(variants.length > 1 ? { variation: index } : {}), ...(locale === undefined ? {} : { locale }) };
    if ("skipped" in said) return { message: undefined, trace: { type, ...place, skipped: said.skipped } };
    return { message: said.message, trace: { type, ...place, message: toTraceMessage(said.message) } };
  };
}

/** The most exact locale there is content for: zh-Hant-HK, then zh-Hant, then zh. */
function findLocale(locale: string | null, byLocale: ReadonlyMap<string, unknown>): string | undefined {
  if (locale === null || byLocale.size === 0) return undefined;
  const parts = locale.toLowerCase().split("-");
  for (; parts.length > 0; parts.pop()) {
    const candidate = parts.join("-");
    if (byLocale.has(candidate)) return candidate;
  }
  return undefined;
}

function compileVariants(response: ResponseDefinition): Content[] {
  const { variations = [], type } = response;
  const all = [response, ...variations.map((variation) => ({ ...variation, type }) as ResponseDefinition)];
  return all.map(compileContent);
}
