// Trees over the API: import, read, change, publish.

import { z } from "zod";
import { idOf } from "../../../kernel/id-schema.ts";
import { anyJson } from "../../../kernel/json-schema.ts";
import { type Operation, operation } from "../../../kernel/operation.ts";
import { queryInteger } from "../../../kernel/query-schema.ts";
import { getTree, importTree, publishTree, replaceDraft } from "../publish-tree.ts";
import { listTrees, type StoredTree } from "../store.ts";

const treeBytesMax = 4 * 1024 * 1024;

/** A tree's JSON. The engine reads it and names every mistake with its path. */
const Definition = anyJson("A tree, schema parley.tree/1.");

const TreeView = z.object({
  treeId: idOf("tree"),
  name: z.string().max(200),
  /** Goes up with every change; send it back when you change the draft. */
  revision: z.int(),
  /** The number of the live version; missing before the first. */
  liveVersion: z.int().optional(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
type TreeView = z.infer<typeof TreeView>;

function toView(tree: StoredTree): TreeView {
  const { treeId, name, revision, liveNumber } = tree;
  const live = liveNumber === undefined ? {} : { liveVersion: liveNumber };
  return {
    treeId,
    name,
    revision,
    ...live,
    createdAt: tree.createdAt.toISOString(),
    updatedAt: tree.updatedAt.toISOString(),
  };
}

const Params = z.strictObject({ treeId: idOf("tree") });
const guards = { rate: "write", stepUp: false } as const;

const importOperation = operation({
  name: "trees.import",
  summary: "Imports a tree from JSON as a draft.",
  method: "POST",
  path: "/api/v1/trees",
  body: z.strictObject({ definition: Definition }),
  output: TreeView,
  successStatus: 201,
  scope: "app",
  permission: "tree:write",
  audit: "tree.imported",
  ...guards,
  bodyBytesMax: treeBytesMax,
  run: async ({ tx, input }) => toView(await getTree(tx, await importTree(tx, input.definition))),
});

const replaceOperation = operation({
  name: "trees.replaceDraft",
  summary: "Replaces a tree's draft, if it is still the one you read.",
  method: "PUT",
  path: "/api/v1/trees/{treeId}",
  params: Params,
  body: z.strictObject({ definition: Definition, revision: z.int().min(1) }),
  output: TreeView,
  scope: "app",
  permission: "tree:write",
  audit: "tree.draft_replaced",
  ...guards,
  bodyBytesMax: treeBytesMax,
  async run({ tx, input }) {
    await replaceDraft(tx, input.treeId, input);
    return toView(await getTree(tx, input.treeId));
  },
});

const getOperation = operation({
  name: "trees.get",
  summary: "One tree with its draft.",
  method: "GET",
  path: "/api/v1/trees/{treeId}",
  params: Params,
  output: TreeView.extend({ draft: Definition }),
  scope: "app",
  permission: "tree:read",
  audit: { none: "reading a bot's definition changes nothing" },
  rate: "read",
  stepUp: false,
  async run({ tx, input }) {
    const tree = await getTree(tx, input.treeId);
    return { ...toView(tree), draft: tree.draft as z.infer<typeof Definition> };
  },
});

const listOperation = operation({
  name: "trees.list",
  summary: "The app's trees, oldest first.",
  method: "GET",
  path: "/api/v1/trees",
  query: z.strictObject({ first: queryInteger(1, 100).optional(), after: idOf("tree").optional() }),
  output: z.object({ items: z.array(TreeView).max(100), after: z.string().max(64).optional() }),
  scope: "app",
  permission: "tree:read",
  audit: { none: "reading a bot's definition changes nothing" },
  rate: "read",
  stepUp: false,
  async run({ tx, input }) {
    const first = input.first ?? 50;
    const trees = await listTrees(tx, { first, ...(input.after === undefined ? {} : { after: input.after }) });
    const last = trees.at(-1)?.treeId;
    return { items: trees.map(toView), ...(trees.length === first && last !== undefined ? { after: last } : {}) };
  },
});

const publishOperation = operation({
  name: "trees.publish",
  summary: "Makes a tree's draft its live version.",
  method: "POST",
  path: "/api/v1/trees/{treeId}/publish",
  params: Params,
  body: z.strictObject({ note: z.string().max(500).optional() }),
  output: z.object({ treeId: idOf("tree"), versionId: idOf("treeVersion"), version: z.int() }),
  successStatus: 201,
  scope: "app",
  permission: "tree:publish",
  audit: "tree.published",
  ...guards,
  async run({ tx, input }) {
    const { versionId, number } = await publishTree(tx, input.treeId, input.note ?? "");
    return { treeId: input.treeId, versionId, version: number };
  },
});

/** The operations on trees. */
export const treeOperations: readonly Operation[] = [
  importOperation,
  listOperation,
  getOperation,
  replaceOperation,
  publishOperation,
];
