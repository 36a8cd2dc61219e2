// Imports a tree as a draft and publishes a draft as an immutable version. What does not validate is never stored, so
// what is stored always runs.

import { parseTree, type TreeDefinition } from "@parley/engine";
import { describeActor } from "../../kernel/actor.ts";
import { AppError } from "../../kernel/errors.ts";
import type { TreeId, TreeVersionId } from "../../kernel/ids.ts";
import { newId } from "../../platform/crypto/random.ts";
import type { TenantTx } from "../../platform/db/index.ts";
import { bumpRevision } from "../organisations/index.ts";
import { botErrors } from "./errors.ts";
import { findTree, insertTree, insertVersion, listLiveVersions, type StoredTree, updateDraft } from "./store.ts";

/** Reads a tree from JSON. Throws `bots.invalid_tree` with every mistake and its path. */
export function readTree(definition: unknown): TreeDefinition {
  const parsed = parseTree(definition);
  if (!parsed.ok) throw new AppError(botErrors.invalidTree, { mistakes: parsed.mistakes });
  return parsed.tree;
}

/** Stores a tree's JSON as the draft of a fresh tree. Throws `bots.invalid_tree`. */
export async function importTree(tx: TenantTx, definition: unknown): Promise<TreeId> {
  const tree = readTree(definition);
  const treeId = newId("tree");
  await insertTree(tx, treeId, { name: tree.name, draft: tree });
  return treeId;
}

/** The tree. Throws `bots.tree_not_found`. */
export async function getTree(tx: TenantTx, treeId: TreeId): Promise<StoredTree> {
  const tree = await findTree(tx, treeId);
  if (tree === undefined) throw new AppError(botErrors.treeNotFound);
  return tree;
}

/** Replaces the draft. Throws `bots.invalid_tree`, `bots.tree_not_found` or, if `revision` is not the current one, `bots.changed`. */
export async function replaceDraft(
  tx: TenantTx,
  treeId: TreeId,
  change: { definition: unknown; revision: number },
): Promise<void> {
  const tree = readTree(change.definition);
  await getTree(tx, treeId);
  const isReplaced = await updateDraft(tx, treeId, { name: tree.name, draft: tree, revision: change.revision });
  if (!isReplaced) throw new AppError(botErrors.changed);
}

/** Makes the draft the live version: the next event of every channel that runs the tree meets it. */
export async function publishTree(
  tx: TenantTx,
  treeId: TreeId,
  note: string,
): Promise<{ versionId: TreeVersionId; number: number }> {
  const tree = await getTree(tx, treeId);
  readTree(tree.draft);
  const versionId = newId("treeVersion");
  const number = await insertVersion(tx, treeId, { versionId, note, publishedBy: describeActor(tx.actor) });
  await bumpRevision(tx);
  return { versionId, number };
}

/** Throws `bots.tree_not_found`, `bots.not_published` or `bots.node_not_found` unless the live version has the node. */
export async function assertNode(tx: TenantTx, treeId: TreeId, compositeId: string): Promise<void> {
  await getTree(tx, treeId);
  const live = (await listLiveVersions(tx)).find((version) => version.treeId === treeId);
  if (live === undefined) throw new AppError(botErrors.notPublished);
  const hasNode = readTree(live.definition).nodes.some((node) => node.compositeId === compositeId);
  if (!hasNode) throw new AppError(botErrors.nodeNotFound);
}
