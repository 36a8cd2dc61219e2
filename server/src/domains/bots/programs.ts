// Turns published versions into what the engine runs. A version never changes, so its compiled form is kept by its id.

import { type CompiledTree, compileTree, type Program } from "@parley/engine";
import type { TreeId, TreeVersionId } from "../../kernel/ids.ts";
import type { TenantTx } from "../../platform/db/index.ts";
import { readTree } from "./publish-tree.ts";
import { listLiveVersions, type StoredVersion } from "./store.ts";

const compiledMax = 5_000;

/** Which trees a channel runs. */
export interface TreeChoice {
  readonly defaultTreeIds: readonly TreeId[];
  readonly liveTreeId: TreeId | undefined;
  readonly offTreeId: TreeId | undefined;
}

export class ProgramLibrary {
  readonly #compiled = new Map<TreeVersionId, CompiledTree>();

  /** The live version of each of the app's trees, compiled. */
  async loadTrees(tx: TenantTx): Promise<ReadonlyMap<string, CompiledTree>> {
    const versions = await listLiveVersions(tx);
    return new Map(versions.map((version) => [version.treeId, this.#compile(version)]));
  }

  #compile(version: StoredVersion): CompiledTree {
    const known = this.#compiled.get(version.versionId);
    if (known !== undefined) return known;
    const { treeId, versionId } = version;
    const compiled = compileTree(readTree(version.definition), { treeId, versionId });
    this.#compiled.set(versionId, compiled);
    const [oldest] = this.#compiled.keys();
    if (this.#compiled.size > compiledMax && oldest !== undefined) this.#compiled.delete(oldest);
    return compiled;
  }
}

/** The program of one channel: the app's trees, and the part each plays in it. Trees without a live version are left out. */
export function toProgram(trees: ReadonlyMap<string, CompiledTree>, choice: TreeChoice): Program {
  const { liveTreeId, offTreeId } = choice;
  return {
    trees,
    defaultTreeIds: choice.defaultTreeIds.filter((treeId) => trees.has(treeId)),
    channelGlobals: [],
    ...(liveTreeId === undefined || !trees.has(liveTreeId) ? {} : { liveTreeId }),
    ...(offTreeId === undefined || !trees.has(offTreeId) ? {} : { offTreeId }),
  };
}
