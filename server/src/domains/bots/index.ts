export { botErrors } from "./errors.ts";
export { treeOperations } from "./operations/trees.ts";
export { ProgramLibrary, toProgram } from "./programs.ts";
export { assertNode, getTree, importTree, publishTree, readTree, replaceDraft } from "./publish-tree.ts";
export { listTrees, type StoredTree } from "./store.ts";
