// The SQL of trees and their published versions.

import { fromUuid, type TreeId, type TreeVersionId, toUuid } from "../../kernel/ids.ts";
import { appStatement, type TenantTx } from "../../platform/db/index.ts";

export interface StoredTree {
  readonly treeId: TreeId;
  readonly name: string;
  readonly draft: unknown;
  /** Goes up with every change of the draft. */
  readonly revision: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** The number of the newest published version; undefined before the first. */
  readonly liveNumber: number | undefined;
}

export interface StoredVersion {
  readonly treeId: TreeId;
  readonly versionId: TreeVersionId;
  readonly number: number;
  readonly definition: unknown;
}

interface TreeRow {
  tree_id: string;
  name: string;
  draft: unknown;
  revision: string;
  created_at: Date;
  updated_at: Date;
  live_number: number | null;
}

function toTree(row: TreeRow): StoredTree {
  return {
    treeId: fromUuid("tree", row.tree_id),
    name: row.name,
    draft: row.draft,
    revision: Number(row.revision),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    liveNumber: row.live_number ?? undefined,
  };
}

const treeColumns = `t.tree_id, t.name, t.draft, t.revision, t.created_at, t.updated_at,
  (select max(v.number) from tree_versions v where v.organisation_id = $1 and v.app_id = $2 and v.tree_id = t.tree_id)
    as live_number`;

const insertTreeSql = appStatement<never>(
  "bots.insert_tree",
  "insert into trees (organisation_id, app_id, tree_id, name, draft) values ($1, $2, $3, $4, $5)",
);

export async function insertTree(tx: TenantTx, treeId: TreeId, tree: { name: string; draft: unknown }): Promise<void> {
  await tx.query(insertTreeSql, [toUuid(treeId), tree.name, JSON.stringify(tree.draft)]);
}

const updateDraftSql = appStatement<{ revision: string }>(
  "bots.update_draft",
  `update trees set name = $4, draft = $5, revision = revision + 1, updated_at = now()
   where organisation_id = $1 and app_id = $2 and tree_id = $3 and revision = $6 returning revision`,
);

/** Replaces the draft if it still has `revision`. Answers whether it had. */
export async function updateDraft(
  tx: TenantTx,
  treeId: TreeId,
  change: { name: string; draft: unknown; revision: number },
): Promise<boolean> {
  const values = [toUuid(treeId), change.name, JSON.stringify(change.draft), change.revision];
  return (await tx.query(updateDraftSql, values)).length > 0;
}

const findTreeSql = appStatement<TreeRow>(
  "bots.find_tree",
  `select ${treeColumns} from trees t where t.organisation_id = $1 and t.app_id = $2 and t.tree_id = $3`,
);

export async function findTree(tx: TenantTx, treeId: TreeId): Promise<StoredTree | undefined> {
  const row = (await tx.query(findTreeSql, [toUuid(treeId)]))[0];
  return row === undefined ? undefined : toTree(row);
}

const listTreesSql = appStatement<TreeRow>(
  "bots.list_trees",
  `select ${treeColumns} from trees t where t.organisation_id = $1 and t.app_id = $2
   and ($3::uuid is null or t.tree_id > $3) order by t.tree_id limit $4`,
);

/** Trees after a cursor, oldest first. */
export async function listTrees(tx: TenantTx, page: { after?: TreeId; first: number }): Promise<StoredTree[]> {
  const after = page.after === undefined ? null : toUuid(page.after);
  return (await tx.query(listTreesSql, [after, page.first])).map(toTree);
}

const insertVersionSql = appStatement<{ number: number }>(
  "bots.insert_version",
  `insert into tree_versions (organisation_id, app_id, version_id, tree_id, number, definition, note, published_by)
   select t.organisation_id, t.app_id, $4, t.tree_id,
     1 + coalesce((select max(v.number) from tree_versions v
       where v.organisation_id = $1 and v.app_id = $2 and v.tree_id = t.tree_id), 0), t.draft, $5, $6
   from trees t where t.organisation_id = $1 and t.app_id = $2 and t.tree_id = $3 returning number`,
);

/** Freezes the draft as the next version. Returns its number. */
export async function insertVersion(
  tx: TenantTx,
  treeId: TreeId,
  version: { versionId: TreeVersionId; note: string; publishedBy: string },
): Promise<number> {
  const values = [toUuid(treeId), toUuid(version.versionId), version.note, version.publishedBy];
  return (await tx.query(insertVersionSql, values))[0]?.number ?? 0;
}

const listLiveVersionsSql = appStatement<{ tree_id: string; version_id: string; number: number; definition: unknown }>(
  "bots.list_live_versions",
  `select distinct on (v.tree_id) v.tree_id, v.version_id, v.number, v.definition from tree_versions v
   where v.organisation_id = $1 and v.app_id = $2 order by v.tree_id, v.number desc`,
);

/** The live (newest) version of every published tree of the app. */
export async function listLiveVersions(tx: TenantTx): Promise<StoredVersion[]> {
  const rows = await tx.query(listLiveVersionsSql);
  return rows.map((row) => ({
    treeId: fromUuid("tree", row.tree_id),
    versionId: fromUuid("treeVersion", row.version_id),
    number: row.number,
    definition: row.definition,
  }));
}
