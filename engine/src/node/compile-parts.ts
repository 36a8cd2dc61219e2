// The parts that messages are made of: texts, addresses, buttons. Texts are cut to their bound; an address or a payload
// that may not be sent ends the event with an error, since another address or payload would be another message.

import { EngineFault } from "../fault.ts";
import { toBounded } from "../json.ts";
import { limits } from "../limits.ts";
import type { Run } from "../run/run.ts";
import { describeUrlProblem } from "../tree/https-url.ts";
import { describeMediaProblem } from "../tree/media-address.ts";
import type { ButtonDefinition } from "../tree/response-schema.ts";
import type { OutgoingButton } from "../types.ts";
import { compileTemplate, renderTemplate } from "./compile-action.ts";

/** A part of a message as a function of the run. Throws EngineFault. */
export type Rendered<T = string> = (run: Run) => T;

/** A text in at most `lengthMax` UTF-16 code units. */
export function compileText(source: string, lengthMax: number): Rendered {
  const template = compileTemplate(source);
  return (run) => toBounded(renderTemplate(template, run), lengthMax);
}

/** As `compileText`; what is not there is the empty text. */
export function compileOptionalText(source: string | undefined, lengthMax: number): Rendered {
  return source === undefined ? () => "" : compileText(source, lengthMax);
}

/** The texts that show something. */
export function withoutBlank<Key extends string>(texts: { readonly [K in Key]: string }): { [K in Key]?: string } {
  const shown = Object.entries<string>(texts).filter(([, text]) => text.trim() !== "");
  return Object.fromEntries(shown) as { [K in Key]?: string };
}

/** What has a title after rendering; a button without one cannot be shown and is left out. */
export function renderTitled<Item extends { readonly title: string }>(
  items: readonly Rendered<Item>[],
  run: Run,
): Item[] {
  return items.map((item) => item(run)).filter((item) => item.title.trim() !== "");
}

/** SECURITY: the link is checked after rendering, so no value can turn it into another scheme. */
function compileChecked(source: string, describe: (text: string) => string | undefined): Rendered {
  const template = compileTemplate(source);
  return (run) => {
    const url = renderTemplate(template, run).trim();
    const problem = describe(url);
    if (problem !== undefined) throw new EngineFault("engine.url_refused", `A link cannot be sent: ${problem}`);
    return url;
  };
}

/** The address of an image, audio, video or file: https, or a file of the app. */
export function compileMediaUrl(source: string): Rendered {
  return compileChecked(source, describeMediaProblem);
}

/** A choice that answers with a payload. */
export function compileReply({ title, payload }: { readonly title: string; readonly payload: string }): Rendered<{
  title: string;
  payload: string;
}> {
  const renderTitle = compileText(title, limits.titleLength);
  const template = compileTemplate(payload);
  return (run) => {
    const rendered = renderTemplate(template, run);
    if (rendered === "" || rendered.length > limits.payloadLength) {
      throw new EngineFault("engine.payload_refused", `A payload has 1 to ${limits.payloadLength} characters.`);
    }
    return { title: renderTitle(run), payload: rendered };
  };
}

/** A button: a choice, or a page to open. */
export function compileButton(button: ButtonDefinition): Rendered<OutgoingButton> {
  if ("payload" in button) return compileReply(button);
  const title = compileText(button.title, limits.titleLength);
  const url = compileChecked(button.url, describeUrlProblem);
  return (run) => ({ title: title(run), url: url(run) });
}
