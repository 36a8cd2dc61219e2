import type { TemplateRoots } from "../template/plain-template.ts";

/** What a template sees, given as one object. */
export function toRoots(scope: object): TemplateRoots {
  return {
    readTemplateRoot: (name) => (scope as Readonly<Record<string, unknown>>)[name],
    toTemplateScope: () => scope,
  };
}
