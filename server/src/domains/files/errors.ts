// The failures of files, and the one way to say which part of an upload is at fault.

import { AppError, defineErrors, type ErrorDefinition } from "../../kernel/errors.ts";

export const fileErrors = defineErrors({
  notFound: { code: "files.not_found", status: 404, sentence: "There is no such file." },
  unknownChannel: { code: "files.unknown_channel", status: 404, sentence: "There is no such channel." },
  empty: { code: "files.empty", status: 422, sentence: "The file is empty. Choose one that holds something." },
  tooLarge: {
    code: "files.too_large",
    status: 413,
    sentence: "The file is too large. See errors for what is allowed.",
  },
  nameRefused: {
    code: "files.name_refused",
    status: 422,
    sentence: "The name of the file is not accepted. See errors for the reason, and rename the file.",
  },
  doubleExtension: {
    code: "files.double_extension",
    status: 422,
    sentence: "The name ends in two types, of which one can be run. Rename the file to what it is.",
  },
  typeRefused: {
    code: "files.type_refused",
    status: 422,
    sentence:
      "Files of this type are not accepted. Send PNG, JPEG, GIF, WebP, MP3, M4A, OGG, WAV, WebM, MP4, PDF, TXT, CSV, DOCX, XLSX, PPTX or ZIP.",
  },
  typeMismatch: {
    code: "files.type_mismatch",
    status: 422,
    sentence: "The name says another type than the file has. Rename it to what it is. See errors.",
  },
  damaged: { code: "files.damaged", status: 422, sentence: "The file cannot be read. Save it again and send that." },
  imageTooLarge: {
    code: "files.image_too_large",
    status: 422,
    sentence: "The image measures too much. Make it at most 8192 pixels a side and 40 megapixels.",
  },
  archiveBomb: {
    code: "files.archive_bomb",
    status: 422,
    sentence: "The archive unpacks to more than is accepted. See errors for the bound.",
  },
  archiveRefused: {
    code: "files.archive_refused",
    status: 422,
    sentence: "What the archive holds is not accepted. See errors for the reason.",
  },
  quota: { code: "files.quota", status: 429, sentence: "There is no room for this file. See errors for the bound." },
  infected: {
    code: "files.infected",
    status: 422,
    sentence: "The virus scanner refused the file. Nothing was kept.",
  },
  scanUnavailable: {
    code: "files.scan_unavailable",
    status: 503,
    sentence: "The file could not be scanned for viruses. Nothing was kept; try again in a minute.",
  },
  remoteFailed: {
    code: "files.remote_failed",
    status: 502,
    sentence: "What this message shows could not be fetched from where it is, or is not accepted.",
  },
});

/** The part of an upload a refusal is about. */
export type FilePart = "name" | "bytes";

/** The refusal of a file: which part, and what is wrong with it. */
export function refuseFile(definition: ErrorDefinition, path: FilePart, message: string): AppError {
  return new AppError(definition, { mistakes: [{ path, message }] });
}
