// The front door of templates: source text in, a renderer out, or one sentence that says what is wrong and where.
// A text without `{{` or `{%` never touches the template engine.

import { Context, type Emitter, LiquidError, type Template as LiquidPart, toValueSync } from "liquidjs";
import { rootNames } from "../expression/frame.ts";
import { EngineFault } from "../fault.ts";
import { toBounded, toSafeString } from "../json.ts";
import { limits } from "../limits.ts";
import type { Meter } from "../meter.ts";
import { toText } from "./filters.ts";
import { liquid } from "./liquid.ts";
import { type PlainPart, readPath, type TemplateRoots, toPlainParts } from "./plain-template.ts";

/** A compiled template. `render` throws EngineFault; its text is at most `limits.templateLength` long. */
export interface Template {
  readonly source: string;
  readonly isLiteral: boolean;
  render(roots: TemplateRoots, meter: Meter): string;
}

/** Parses a template and checks its names and filters. */
export function parseTemplate(source: string): { ok: true; template: Template } | { ok: false; message: string } {
  if (!source.includes("{{") && !source.includes("{%")) {
    const text = toSafeString(source);
    return { ok: true, template: { source, isLiteral: true, render: () => text } };
  }
  try {
    const parts = liquid.parse(source);
    const unknown = findUnknownName(parts);
    if (unknown !== undefined) return { ok: false, message: `Not a valid template: ${unknown}` };
    const plain = toPlainParts(source);
    const renderSource: Template["render"] =
      plain === undefined
        ? (roots, meter) => render(parts, roots, meter)
        : (roots, meter) => renderPlain(plain, roots, meter);
    return { ok: true, template: { source, isLiteral: false, render: renderSource } };
  } catch (thrown) {
    return { ok: false, message: `Not a valid template: ${toReason(thrown)}` };
  }
}

function findUnknownName(parts: LiquidPart[]): string | undefined {
  const { globals } = liquid.analyzeSync(parts, { partials: false });
  for (const [name, uses] of Object.entries(globals)) {
    if ((rootNames as readonly string[]).includes(name)) continue;
    const place = uses[0]?.location;
    const position = place === undefined ? "" : `, line ${place.row}, col ${place.col}`;
    return `unknown variable "${name.slice(0, 64)}" (use ${rootNames.join(", ")})${position}`;
  }
  return undefined;
}

function toReason(thrown: unknown): string {
  if (LiquidError.is(thrown)) return thrown.message.slice(0, 300);
  return thrown instanceof Error ? thrown.message.slice(0, 300) : "it cannot be parsed";
}

/** Collects output up to the cap and drops the rest, so a text cannot grow without bound. */
class BoundedEmitter implements Emitter {
  buffer = "";

  write(part: unknown): void {
    if (typeof part !== "string" || this.buffer.length > limits.templateLength) return;
    this.buffer += part.slice(0, limits.templateLength + 1);
  }
}

function renderPlain(parts: readonly PlainPart[], roots: TemplateRoots, meter: Meter): string {
  const emitter = new BoundedEmitter();
  try {
    for (const part of parts) emitter.write(typeof part === "string" ? part : toText(readPath(roots, part)));
  } finally {
    meter.templateStepsLeft -= emitter.buffer.length;
  }
  return toSafeString(toBounded(emitter.buffer, limits.templateLength));
}

function render(parts: LiquidPart[], roots: TemplateRoots, meter: Meter): string {
  const memoryLimit = Math.min(limits.templateStepsPerRender, meter.templateStepsLeft);
  const context = new Context(roots.toTemplateScope(), liquid.options, { sync: true, memoryLimit });
  const emitter = new BoundedEmitter();
  try {
    toValueSync(liquid.renderer.renderTemplates(parts, context, emitter));
  } catch (thrown) {
    const cause = LiquidError.is(thrown) ? thrown.originalError : thrown;
    if (cause instanceof EngineFault) throw cause;
    throw new EngineFault("engine.template_failed", `A template could not be rendered: ${toReason(thrown)}`);
  } finally {
    meter.templateStepsLeft -= turnsSpent(context) + emitter.buffer.length;
  }
  return toSafeString(toBounded(emitter.buffer, limits.templateLength));
}

function turnsSpent(context: Context): number {
  const { base } = context.memoryLimit as unknown as { base?: unknown };
  return typeof base === "number" ? base : limits.templateStepsPerRender;
}
