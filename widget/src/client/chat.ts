// The chat without a face: one object that holds what is to be shown and does what the visitor asks. It asks nothing of
// the server before the panel is opened, unless a conversation is kept from before.

import { createBrowserEnvironment } from "./browser.ts";
import { type Conversation, createConversation } from "./conversation.ts";
import { createCourse } from "./course.ts";
import type { Environment } from "./environment.ts";
import { createIdentify } from "./identify.ts";
import { createKeeper } from "./keeper.ts";
import { createLive } from "./live.ts";
import { fetchMedia } from "./media.ts";
import { createOutbox, type Outbox } from "./outbox.ts";
import { parsePage, pick, readFields } from "./parse.ts";
import { createVisit, type Lost } from "./session.ts";
import { createHooks, createStateHolder } from "./store.ts";
import { type Answer, createTransport, readJson, toProblem } from "./transport.ts";
import {
  type Chat,
  type ChatEvents,
  type ChatState,
  type Contact,
  type EndReason,
  type Outcome,
  type Problem,
  textLengthMax,
} from "./types.ts";
import { createTyping } from "./typing.ts";
import { createUploadsOnDemand } from "./uploads-on-demand.ts";

export interface ChatOptions {
  readonly channelId: string;
  readonly locale: string;
  /** The origin of the page around the frame. Left out when the chat runs in that page itself. */
  readonly site?: string;
  /** Where the server is, when it is not the own origin. */
  readonly baseUrl?: string;
  readonly consentRequired: boolean;
  readonly identity: "off" | "optional" | "required";
  readonly environment?: Environment;
}

const olderPageSize = 30;
const endReasons: readonly unknown[] = ["ended", "reused", "disabled", "refused"] satisfies EndReason[];

function createFirstState({ locale, consentRequired, identity }: ChatOptions, isConsented: boolean): ChatState {
  return {
    ...{ phase: "idle", isOpen: false, connection: "none", mode: "bot", messages: [], hasOlder: false },
    ...{ isLoadingOlder: false, isLoaded: false, unread: 0, uploads: [], locale, isVerified: false, isProving: false },
    needsConsent: consentRequired && !isConsented,
    needsIdentity: identity === "required",
  };
}

/** A chat with one channel. See `Chat` for what it does. */
export function createChat(options: ChatOptions): Chat {
  const { channelId, site, identity, consentRequired } = options;
  const environment = options.environment ?? createBrowserEnvironment();
  const { clock } = environment;
  const prefix = `parley:${channelId}:${site ?? ""}:`;
  let keepsNothing = false;
  const keeper = createKeeper(environment.shelf, prefix, () => keepsNothing);
  const isConsented = keeper.readSession()?.isConsented === true;
  keepsNothing = consentRequired && !isConsented;
  const holder = createStateHolder(createFirstState(options, isConsented));
  const hooks = createHooks<ChatEvents>();
  const { update, getState } = holder;

  const problems: Partial<Record<"start" | "send" | "live", Problem | undefined>> = {};
  const setProblem = (source: keyof typeof problems, problem: Problem | undefined) => {
    problems[source] = problem;
    update({ problem: problems.send ?? problems.start ?? problems.live });
  };
  const hear = (word: unknown) => {
    const fields = readFields(word);
    if (fields.type === "ended" && getState().phase === "ready" && endReasons.includes(fields.reason)) {
      course.finish(fields.reason as EndReason, true);
    } else if (fields.type === "session" && getState().phase !== "idle") course.adopt();
    else conversation.refresh();
  };
  const tabs = environment.openTabChannel(prefix, hear);
  const tellTabs = (word: object) => tabs.tell(word);
  const onLost = (lost: Lost) => course.lose(lost);
  const visit = createVisit({
    environment,
    keeper,
    lockName: `${prefix}token`,
    transport: createTransport({ environment, channelId, ...pick({ site, baseUrl: options.baseUrl }) }),
    onProving: (isProving) => update({ isProving }),
    onNonce(nonce) {
      update({ nonce });
      hooks.emit("nonce", { nonce });
    },
    onChange: () => tellTabs({ type: "session" }),
  });
  const conversation: Conversation = createConversation({
    ...{ environment, keeper, holder, hooks },
    onSeen: (clientIds) => outbox.settle(clientIds),
  });
  const outbox: Outbox = createOutbox({
    ...{ environment, keeper, visit, onLost, lockName: `${prefix}send`, needsConsent: consentRequired },
    isReady: () => getState().phase === "ready" && !getState().needsIdentity && !getState().needsConsent,
    onChange() {
      conversation.refresh();
      tellTabs({ type: "outbox" });
    },
    onAccepted: () => course.takeBegun(),
    onTrouble(problem) {
      setProblem("send", problem);
      if (problem?.code === "client.unreachable") update({ connection: "offline" });
      else if (getState().connection === "offline") {
        // An answer: the network is there. The stream may never have broken, and tells nothing then.
        update({ connection: "online" });
        live.wake(true);
      }
    },
  });
  const live = createLive({
    ...{ environment, visit, onLost },
    findResumePoint: conversation.findResumePoint,
    findLast: conversation.findLast,
    onPage: conversation.takePage,
    onEvent: conversation.takeEvent,
    onConnection(connection, problem) {
      update({ connection });
      setProblem("live", problem);
      if (connection === "online") {
        outbox.pump();
        void tellMark();
      }
    },
  });
  const course = createCourse({
    ...{ environment, keeper, holder, hooks, visit, conversation, live, outbox, identity, tellTabs, setProblem },
    onConsented(isConsented) {
      if (isConsented) keepsNothing = false;
      if (isConsented) update({ needsConsent: false });
      else if (!getState().needsConsent) void noteConsent();
    },
  });
  const noteConsent = () => visit.note({ isConsented: true }).then(() => tellTabs({ type: "session" }));
  const uploads = createUploadsOnDemand({
    ...{ environment, visit, onLost, onDone: outbox.add, needsConsent: consentRequired },
    onChange: (uploads) => update({ uploads }),
  });

  const toOutcome = (answer: Answer | Lost): Outcome => {
    if (answer.kind === "done") return { isDone: true };
    if (answer.kind !== "lost") return { isDone: false, problem: toProblem(answer, clock.now()) };
    onLost(answer);
    return { isDone: false, problem: { code: `client.${answer.reason}` } };
  };
  const post = (path: string, json: unknown) => visit.call({ method: "POST", path, json });
  const hasBegun = () => keeper.readSession()?.isBegun === true;

  let toldMark = keeper.readMark();
  const tellMark = async () => {
    const messageId = keeper.readMark();
    if (messageId === undefined || messageId === toldMark || !hasBegun()) return;
    const answer = await post("/read", { messageId });
    if (answer.kind === "done" || answer.kind === "refused") toldMark = messageId;
  };
  const typing = createTyping(clock, (isTyping) => {
    if (getState().phase === "ready" && hasBegun()) void post("/typing", { isTyping });
  });
  const queue = (body: Readonly<Record<string, unknown>>, content: Parameters<Outbox["add"]>[1]) => {
    if (getState().needsConsent || getState().phase === "ended") return false;
    typing.reset();
    outbox.add(body, content);
    course.begin();
    return true;
  };
  const loadOlder = async (before: string) => {
    update({ isLoadingOlder: true });
    const answer = await visit.call({ method: "GET", path: `/messages?before=${before}&first=${olderPageSize}` });
    const body = answer.kind === "done" ? await readJson(answer.response) : undefined;
    // Of another conversation when it was changed meanwhile.
    if (body !== undefined && conversation.findFirst() === before) conversation.takeOlder(parsePage(body));
    update({ isLoadingOlder: false });
  };
  const identify = createIdentify({
    ...{ environment, keeper, holder, hooks, visit, outbox, course, consentRequired, toOutcome },
  });
  let leaveWord: Promise<(contact: Contact) => Promise<Outcome>> | undefined;
  const loadLeaveWord = () =>
    import("./leave-word.ts").then(({ createLeaveWord }) =>
      createLeaveWord({ environment, visit, course, getState, consentRequired, toOutcome }),
    );
  const sendContact = async (contact: Contact): Promise<Outcome> => {
    leaveWord ??= loadLeaveWord();
    try {
      return await (await leaveWord)(contact);
    } catch {
      leaveWord = undefined;
      return { isDone: false, problem: { code: "client.unreachable" } };
    }
  };
  const end = async (): Promise<Outcome> => {
    const outcome = hasBegun() ? toOutcome(await post("/end", {})) : ({ isDone: true } as const);
    if (!outcome.isDone || getState().phase === "ended") return outcome;
    outbox.clear();
    visit.forget();
    course.finish("ended");
    return outcome;
  };
  const stopWaking = environment.onWake(() => {
    course.wake();
    live.wake();
    outbox.pump();
    conversation.refresh();
  });
  if (hasBegun() || !outbox.isQuiet()) course.begin();
  return {
    getState,
    subscribe: holder.subscribe,
    on: hooks.on,
    open() {
      update({ isOpen: true });
      course.begin();
      conversation.refresh();
    },
    close() {
      update({ isOpen: false });
      course.relent();
      conversation.refresh();
    },
    send(text) {
      const isSendable = text.trim() !== "" && text.length <= textLengthMax;
      return isSendable && queue({ type: "text", text }, { type: "text", text });
    },
    sendPayload({ payload, title, messageId }) {
      return queue({ type: "payload", payload, title, ...pick({ messageId }) }, { type: "payload", title });
    },
    upload(file, text) {
      if (getState().needsConsent) return;
      // A file that is chosen while the session begins waits for it.
      void course.whenReady().then((isReady) => {
        if (isReady) uploads.add(file, text);
      });
    },
    dismissUpload: uploads.dismiss,
    retry(key) {
      if (!uploads.retry(key)) outbox.retry(key);
    },
    discard: outbox.discard,
    markRead() {
      const messageId = conversation.findUnmarked();
      if (messageId === undefined || !getState().isOpen || !environment.isVisible()) return;
      keeper.writeMark(messageId);
      conversation.refresh();
      tellTabs({ type: "read" });
      void tellMark();
    },
    typing: typing.set,
    identify,
    setLocale: (locale) => update({ locale }),
    loadOlder() {
      const first = conversation.findFirst();
      const { hasOlder, isLoadingOlder } = getState();
      if (hasOlder && !isLoadingOlder && first !== undefined) void loadOlder(first);
    },
    acceptConsent() {
      keepsNothing = false;
      update({ needsConsent: false });
      void noteConsent();
    },
    end,
    restart() {
      if (consentRequired && getState().phase === "ended") {
        keepsNothing = true;
        update({ needsConsent: true });
      }
      course.restart();
    },
    requestTranscript: async () => toOutcome(await post("/transcript", {})),
    sendContact,
    fetchMedia: (media, messageId) => fetchMedia(visit, media, messageId),
    destroy() {
      stopWaking();
      live.stop();
      outbox.stop();
      uploads.stop();
      course.stop();
      tabs.close();
    },
  };
}
