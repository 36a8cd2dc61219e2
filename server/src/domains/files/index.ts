export { createFileDeps, type FileDeps, type FilePlace } from "./deps.ts";
export { fileErrors } from "./errors.ts";
export { attachFile, findFile, purgeFiles, readChunks, toFileBody } from "./find-file.ts";
export { inspectFile } from "./inspect-file.ts";
export { keepFile } from "./keep-file.ts";
export { keepRemote, type RemoteInput } from "./keep-remote.ts";
export { createFileOperations } from "./operations/files.ts";
export { FileView, fileLimits, type KeptFile } from "./types.ts";
