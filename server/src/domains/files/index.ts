export { createFileDeps, type FileDeps, type FileOptions, type FilePlace } from "./deps.ts";
export { fileErrors } from "./errors.ts";
export { attachFile, deleteFile, findFile, purgeFiles, readChunks, toFileBody } from "./find-file.ts";
export { type InspectedFile, inspectFile } from "./inspect-file.ts";
export { type KeepInput, keepFile, type PreparedFile, prepareFile, storeFile } from "./keep-file.ts";
export { keepRemote, type RemoteInput } from "./keep-remote.ts";
export { createFileOperations } from "./operations/files.ts";
export {
  type FileKind,
  type FileOwner,
  type FilePurpose,
  type FileQuotas,
  FileView,
  fileFields,
  fileLimits,
  type KeptFile,
} from "./types.ts";
