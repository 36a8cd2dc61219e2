// Both drawings in one page, for tests: rules are tried with either, and trees drawn one after another.

import * as preact from "preact";
import * as hooks from "preact/hooks";
import { jsx } from "preact/jsx-runtime";
import * as own from "../index.ts";
import { elementRules } from "./element-rules.ts";
import { readTree } from "./read-page.ts";
import type { Drawing } from "./rule.ts";
import { viewRules } from "./view-rules.ts";

const rules = { ...elementRules, ...viewRules };

export type RuleName = keyof typeof rules;

export type Which = "own" | "preact";

/** A tree in JSON: a text, nothing, a list, or an element; one without a tag is a view. */
export type Tree =
  | string
  | number
  | boolean
  | null
  | readonly Tree[]
  | {
      readonly tag?: string | undefined;
      readonly key?: string | undefined;
      readonly props: Readonly<Record<string, unknown>>;
      readonly kids: readonly Tree[];
    };

const drawings: Record<Which, Drawing> = {
  own: own as unknown as Drawing,
  preact: { ...preact, ...hooks, jsx },
};

const View = ({ children }: { readonly children?: preact.ComponentChildren }) => children as preact.VNode;

function toView(tree: Tree, drawing: Drawing): preact.ComponentChildren {
  if (typeof tree !== "object" || tree === null) return tree;
  if (!("kids" in tree)) return tree.map((one) => toView(one, drawing));
  const children = tree.kids.map((kid) => toView(kid, drawing));
  return drawing.jsx((tree.tag ?? View) as string, { ...tree.props, children } as never, tree.key);
}

function addRoot(): HTMLElement {
  const root = document.createElement("main");
  document.body.append(root);
  return root;
}

/** What a rule answers with one of the two. */
export async function tryRule(which: Which, name: RuleName): Promise<unknown> {
  const root = addRoot();
  const answer = await rules[name](drawings[which], root);
  root.remove();
  return answer;
}

/** Draws trees one after another into the same element; answers what stands there at the end. */
export function drawTrees(which: Which, trees: readonly Tree[]): unknown {
  const root = addRoot();
  const drawing = drawings[which];
  for (const tree of trees) drawing.render(drawing.jsx("div", { children: toView(tree, drawing) }), root);
  root.remove();
  return readTree(root);
}
