// What a file is to the rest of the product, and every bound on files.

import { z } from "zod";
import { idOf } from "../../kernel/id-schema.ts";
import type { ChannelId, FileId, VisitorId } from "../../kernel/ids.ts";

const KiB = 1024;
const MiB = 1024 * KiB;

export const fileLimits = {
  /** One file. */
  bytesMax: 20 * MiB,
  /** A file fetched from elsewhere. */
  remoteBytesMax: 10 * MiB,
  /** One row of content; sealing it takes a fraction of a millisecond. */
  chunkBytes: 256 * KiB,
  nameMax: 200,
  imageSideMax: 8192,
  imagePixelsMax: 40_000_000,
  archiveBytesMax: 200 * MiB,
  archiveRatioMax: 100,
  /** Below this a high ratio is no sign of anything. */
  archiveRatioFromBytes: MiB,
  archiveEntriesMax: 10_000,
} as const;

/** What may be taken up. */
export interface FileQuotas {
  /** All files of an app together. */
  readonly appBytesMax: number;
  /** By one visitor on one day (UTC). */
  readonly visitorBytesMax: number;
  readonly visitorFilesMax: number;
}

export const usualVisitorQuotas = { visitorBytesMax: 50 * MiB, visitorFilesMax: 20 } as const;

export const fileKinds = ["image", "audio", "video", "file"] as const;
export type FileKind = (typeof fileKinds)[number];
export type FilePurpose = "upload" | "remote" | "app";

export const fileFields = {
  fileId: idOf("file"),
  name: z.string().max(fileLimits.nameMax + 8),
  /** Found in the bytes, never taken from whoever sent them. */
  type: z.string().max(100),
  bytes: z.int(),
  kind: z.enum(fileKinds),
  /** Of an image, in pixels. */
  width: z.int().optional(),
  height: z.int().optional(),
};

export const FileView = z.object(fileFields);
export type FileView = z.infer<typeof FileView>;

/** Whose a file is. Nobody's in particular: the app's. */
export interface FileOwner {
  readonly channelId?: ChannelId | undefined;
  readonly visitorId?: VisitorId | undefined;
  /** Blind index of the member. */
  readonly memberKey?: Buffer | undefined;
}

/** A file that is kept and may be read. */
export interface KeptFile {
  readonly fileId: FileId;
  readonly view: FileView;
  readonly purpose: FilePurpose;
  readonly owner: FileOwner;
  readonly createdAt: Date;
}
