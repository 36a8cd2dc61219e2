// LiquidJS with every way to the host closed: output, if/unless and bounded for; a fixed list of filters; own
// properties only; no files, no includes, no assignments; UTC and one locale, so a text is the same everywhere.
// SECURITY: the tables of tags and filters hold what is listed here and inherit nothing, so `constructor` and its
// like name nothing (LiquidJS makes them without prototype; a test holds it to that).

import { ForTag, IfTag, Liquid, type TagToken, type Template, UnlessTag } from "liquidjs";
import { limits } from "../limits.ts";
import { installFilters, toText } from "./filters.ts";

const turnCost = 16;

/** `for`, paying for each turn by the length of its body, so nested loops share the render's budget. */
class MeteredForTag extends ForTag {
  constructor(...args: ConstructorParameters<typeof ForTag>) {
    const [token, remaining] = args;
    const bodyStart = token.end;
    const lengthBefore = remaining.length;
    const tokens = [...remaining];
    super(...args);
    const last = tokens[lengthBefore - remaining.length - 1];
    const cost = turnCost + Math.max(0, (last?.begin ?? bodyStart) - bodyStart);
    this.templates.unshift(toCharge(token, cost));
  }
}

function toCharge(token: TagToken, cost: number): Template {
  return {
    token,
    render(context): undefined {
      context.memoryLimit.use(cost);
    },
  } as Template;
}

function createLiquid(): Liquid {
  const made = new Liquid({
    templates: {},
    cache: false,
    dynamicPartials: false,
    relativeReference: false,
    ownPropertyOnly: true,
    strictFilters: true,
    strictVariables: false,
    timezoneOffset: 0,
    locale: "en-US",
    parseLimit: limits.templateLength,
    memoryLimit: limits.templateStepsPerRender,
    outputEscape: toText,
  });
  for (const name of Object.keys(made.tags)) delete made.tags[name];
  made.registerTag("if", IfTag);
  made.registerTag("unless", UnlessTag);
  made.registerTag("for", MeteredForTag);
  installFilters(made);
  return made;
}

/** The one engine; it holds no state between renders. */
export const liquid: Liquid = createLiquid();
