// Puts together what has to do with websites: files, visitors and their streams, the public chat and the pages that show it.
// A part of the composition root.

import { buildChat, type ChatChannel, type Means, type RateLimits } from "./api/index.ts";
import type { Core } from "./core.ts";
import type { ChannelDirectory } from "./domains/channels/index.ts";
import type { Pipeline, Publish, TypingBoard } from "./domains/conversations/index.ts";
import { createFileDeps, createFileOperations, type FileDeps, keepRemote } from "./domains/files/index.ts";
import {
  assertMayCall,
  authenticateVisitor,
  createPreviewJob,
  createVisitorOperations,
  greetVisitor,
  KeySets,
  listEnded,
  mayConcernVisitors,
  publishToVisitors,
  queuePreview,
  type SessionDeps,
  VisitorLimits,
  VisitorStreams,
} from "./domains/visitors/index.ts";
import { createEmbedSurface, createFindAvatar, readWidgetFiles, widgetFolder } from "./embed/index.ts";
import type { ChannelId } from "./kernel/ids.ts";
import type { Operation } from "./kernel/operation.ts";
import type { Surface } from "./platform/http/index.ts";
import type { Jobs } from "./platform/jobs/index.ts";
import type { OutboundClient } from "./platform/outbound/index.ts";
import { findPublicOrigin, isReachedByHttps, toPublicUrl } from "./public-url.ts";

/** The channel of notices by which processes tell each other that a visitor has news. */
export const visitorNotices = "parley_visitors";

export type ChatCore = Pick<Core, "config" | "log" | "clock" | "database" | "keychain" | "pepper" | "installation">;

export interface ChatParts {
  readonly directory: ChannelDirectory;
  readonly outbound: OutboundClient;
  readonly jobs: Jobs;
  readonly typing: TypingBoard;
}

export interface Chat {
  readonly files: FileDeps;
  readonly streams: VisitorStreams;
  /** Tells visitors what happens in their conversations. */
  readonly publish: Publish;
  listOperations(pipeline: Pick<Pipeline, "accept">): readonly Operation[];
  listSurfaces(operations: readonly Operation[], means: Means & { readonly rateLimits: RateLimits }): Surface[];
}

/** Since when tokens of the channel are good; undefined when it is off or gone, or the site is no longer one of its own. */
async function findCutOffMs(
  directory: ChannelDirectory,
  { channelId, site }: { channelId: ChannelId; site: string },
): Promise<number | undefined> {
  const channel = await directory.find(channelId);
  const isOpen = channel?.enabled === true && channel.web?.origins.includes(site) === true;
  return isOpen ? (channel.visitorsSinceMs ?? 0) : undefined;
}

function createStreams({ database, clock, log }: ChatCore, { directory, typing }: ChatParts): VisitorStreams {
  return new VisitorStreams({
    listEnded: (visitorIds) => listEnded(database, visitorIds),
    findCutOffMs: (channelId, site) => findCutOffMs(directory, { channelId, site }),
    onWriting: (key, isWriting) => typing.note(key, isWriting),
    nowMs: () => clock.nowMs(),
    log,
  });
}

function createPublish(core: ChatCore, { directory, jobs, outbound }: ChatParts, files: FileDeps): Publish {
  const { database, keychain, log } = core;
  const job = createPreviewJob({
    ...{ jobs, database, keychain, outbound, log },
    keepImage: (place, input) => keepRemote(files, place, input),
  });
  return async (tx, all, sealer) => {
    const events = all.filter(mayConcernVisitors);
    if (events.length === 0) return;
    await publishToVisitors(tx, events, sealer);
    for (const event of events) {
      if (event.kind !== "outbound") continue;
      const channel = await directory.find(event.channelId);
      if (channel?.web?.linkPreviews === true) await queuePreview(tx, { jobs, job }, event);
    }
  };
}

async function findChatChannel(directory: ChannelDirectory, channelId: ChannelId): Promise<ChatChannel | undefined> {
  const channel = await directory.find(channelId);
  if (channel?.enabled !== true || channel.web === undefined) return undefined;
  return { tenant: channel.tenant, channelId, origins: channel.web.origins };
}

/** What visitors of websites need. Nothing runs before streams are opened. */
export function createChat(core: ChatCore, parts: ChatParts): Chat {
  const { config, log, clock, database, keychain, pepper, installation } = core;
  const { directory, outbound } = parts;
  const [publicOrigin, isHttps] = [findPublicOrigin(config), isReachedByHttps(config)];
  const { PARLEY_FILES_APP_BYTES_MAX: appBytesMax, PARLEY_SCAN_URL: scanUrl } = config;
  const files = createFileDeps({ database, keychain, outbound, scanUrl, quotas: { appBytesMax } });
  const streams = createStreams(core, parts);
  const limits = new VisitorLimits();
  const sessions: SessionDeps = { database, keychain, directory, pepper, clock, log };
  return {
    files,
    streams,
    publish: createPublish(core, parts, files),
    listOperations: (pipeline) => [
      ...createFileOperations(files),
      ...createVisitorOperations({
        ...{ ...sessions, pipeline, streams, files, limits },
        identities: { database, keychain, log, keySets: new KeySets({ outbound, log }) },
        transcripts: { installation, publicUrl: toPublicUrl(config) },
      }),
    ],
    listSurfaces: (operations, means) => [
      buildChat({
        ...{ ...means, operations, publicOrigin, greetVisitor },
        findChannel: (channelId) => findChatChannel(directory, channelId),
        authenticateVisitor: async ({ channel, ...shown }) => {
          const actor = await authenticateVisitor(sessions, { ...shown, ...channel });
          await assertMayCall(limits, actor, shown.remoteAddress);
          return actor;
        },
      }),
      createEmbedSurface({
        ...{ clock, publicOrigin, isHttps },
        files: readWidgetFiles(widgetFolder),
        findChannel: (channelId) => directory.find(channelId),
        findAvatar: createFindAvatar({ ...files, clock }),
      }),
    ],
  };
}
