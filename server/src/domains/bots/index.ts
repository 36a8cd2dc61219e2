export { botErrors } from "./errors.ts";
export { ProgramLibrary, toProgram } from "./programs.ts";
export { getTree, importTree, publishTree, readTree, replaceDraft } from "./publish-tree.ts";
export { listTrees, type StoredTree } from "./store.ts";
