// Responses as functions of the run: condition, locale, variation, then the texts. What would be empty is left
// out and the trace says so; a link that is not https after rendering ends the event with an error.

import { EngineFault } from "../fault.ts";
import { toBounded } from "../json.ts";
import { limits } from "../limits.ts";
import type { Run } from "../run/run.ts";
import { type ResponseTrace, toTraceMessage, toTraceText } from "../run/trace.ts";
import type { Template } from "../template/parse-template.ts";
import { describeUrlProblem } from "../tree/https-url.ts";
import type { ButtonDefinition, ResponseDefinition } from "../tree/response-schema.ts";
import { compileCondition } from "../trigger/compile-trigger.ts";
import type { OutgoingButton, OutgoingMessage } from "../types.ts";
import { compileTemplate, renderTemplate } from "./compile-action.ts";

/** A compiled response: the message to send, if any, and its trace. Throws EngineFault. */
export type CompiledResponse = (run: Run) => { message: OutgoingMessage | undefined; trace: ResponseTrace };

type Content = (run: Run) => OutgoingMessage | undefined;
type Title = (run: Run) => string;

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
    const message = variants[index]?.(run);
    const place = { ...(variants.length > 1 ? { variation: index } : {}), ...(locale === undefined ? {} : { locale }) };
    if (message === undefined) return { message, trace: { type, ...place, skipped: "the text is empty" } };
    return { message, trace: { type, ...place, message: toTraceMessage(message) } };
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

function compileContent(content: ResponseDefinition): Content {
  switch (content.type) {
    case "text": {
      const text = compileText(content.text, limits.textLength);
      return (run) => withText(text(run), (rendered) => ({ type: "text", text: rendered }));
    }
    case "image":
      return compileImage(content.url, content.caption);
    case "buttons": {
      const text = compileText(content.text, limits.textLength);
      const buttons = content.buttons.map(compileButton);
      return (run) => withText(text(run), (rendered) => withButtons(rendered, renderAll(buttons, run)));
    }
    case "quickReplies": {
      const text = compileText(content.text, limits.textLength);
      const replies = content.replies.map(compileReply);
      return (run) => withText(text(run), (rendered) => withReplies(rendered, renderAll(replies, run)));
    }
  }
}

function withText(text: string, build: (text: string) => OutgoingMessage): OutgoingMessage | undefined {
  return text.trim() === "" ? undefined : build(text);
}

function withButtons(text: string, buttons: OutgoingButton[]): OutgoingMessage {
  return buttons.length === 0 ? { type: "text", text } : { type: "buttons", text, buttons };
}

function withReplies(text: string, replies: { title: string; payload: string }[]): OutgoingMessage {
  return replies.length === 0 ? { type: "text", text } : { type: "quickReplies", text, replies };
}

/** What has a title after rendering; a button without one cannot be shown and is left out. */
function renderAll<Item extends { title: string }>(items: readonly ((run: Run) => Item)[], run: Run): Item[] {
  return items.map((item) => item(run)).filter((item) => item.title.trim() !== "");
}

function compileText(source: string, lengthMax: number): Title {
  const template = compileTemplate(source);
  return (run) => toBounded(renderTemplate(template, run), lengthMax);
}

function compileImage(urlSource: string, captionSource: string | undefined): Content {
  const url = compileUrl(compileTemplate(urlSource));
  const caption = captionSource === undefined ? undefined : compileText(captionSource, limits.textLength);
  return (run) => {
    const rendered = caption?.(run) ?? "";
    return { type: "image", url: url(run), ...(rendered.trim() === "" ? {} : { caption: rendered }) };
  };
}

/** SECURITY: the link is checked after rendering, so no value can turn it into another scheme. */
function compileUrl(template: Template): Title {
  return (run) => {
    const url = renderTemplate(template, run).trim();
    const problem = describeUrlProblem(url);
    if (problem !== undefined) throw new EngineFault("engine.url_refused", `A link cannot be sent: ${problem}`);
    return url;
  };
}

function compileReply({ title, payload }: { title: string; payload: string }) {
  const renderTitle = compileText(title, limits.titleLength);
  const template = compileTemplate(payload);
  return (run: Run): { title: string; payload: string } => {
    const rendered = renderTemplate(template, run);
    if (rendered === "" || rendered.length > limits.payloadLength) {
      throw new EngineFault("engine.payload_refused", `A payload has 1 to ${limits.payloadLength} characters.`);
    }
    return { title: renderTitle(run), payload: rendered };
  };
}

function compileButton(button: ButtonDefinition): (run: Run) => OutgoingButton {
  if ("payload" in button) return compileReply(button);
  const title = compileText(button.title, limits.titleLength);
  const url = compileUrl(compileTemplate(button.url));
  return (run) => ({ title: title(run), url: url(run) });
}
