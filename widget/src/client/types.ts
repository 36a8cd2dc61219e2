// What the chat holds and what can be asked of it, without a word about how it is drawn. Views read `ChatState` and call
// `ChatActions`; a state is replaced, never changed, so `previous.messages === state.messages` means that nothing moved.

export type From = "visitor" | "bot" | "agent" | "system";
export type MediaKind = "image" | "audio" | "video" | "file";
export type Delivery = "sent" | "delivered" | "read" | "failed";

/** What is shown by a message (`index`) or was uploaded by the visitor (`fileId`). Fetch it with `fetchMedia`. */
export interface Media {
  readonly source: { readonly index: number } | { readonly fileId: string };
  readonly type?: string;
  readonly name?: string;
  readonly bytes?: number;
  readonly width?: number;
  readonly height?: number;
}

export type Button =
  | { readonly title: string; readonly payload: string }
  | { readonly title: string; readonly url: string };

export interface Reply {
  readonly title: string;
  readonly payload: string;
}

export interface ListRow extends Reply {
  readonly description?: string;
}

export interface ListSection {
  readonly title?: string;
  readonly rows: readonly ListRow[];
}

export interface Card {
  readonly title: string;
  readonly text?: string;
  readonly media?: Media;
  readonly buttons: readonly Button[];
}

export type Content =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: MediaKind; readonly media: Media; readonly caption?: string }
  | {
      readonly type: "location";
      readonly latitude: number;
      readonly longitude: number;
      readonly name?: string;
      readonly address?: string;
    }
  | { readonly type: "buttons"; readonly text: string; readonly buttons: readonly Button[] }
  | { readonly type: "quickReplies"; readonly text: string; readonly replies: readonly Reply[] }
  | {
      readonly type: "list";
      readonly text: string;
      readonly button: string;
      readonly sections: readonly ListSection[];
    }
  | { readonly type: "carousel"; readonly cards: readonly Card[] }
  /** The visitor chose something the bot offered. */
  | { readonly type: "payload"; readonly title: string }
  | { readonly type: "unknown" };

export interface Preview {
  readonly title: string;
  readonly description?: string;
  readonly media?: Media;
  readonly url: string;
}

/** One row of the conversation. Own messages are here from the moment of `send`, before the server knows them. */
export interface Message {
  /** Stays the same from `send` to the server's echo and over reloads: the key of the row in a view. */
  readonly key: string;
  /** Absent until the server has told it. */
  readonly messageId?: string;
  readonly clientId?: string;
  readonly from: From;
  readonly name?: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** `sending`: waits or is under way. `failed`: refused for good; see `problem`, offer `retry(key)`. */
  readonly status?: "sending" | Delivery;
  readonly problem?: Problem;
  readonly content: Content;
  readonly preview?: Preview;
}

/** Why something was refused: `code` is the server's (`visitors.proof_required`), or one of ours that begins with `client.`. */
export interface Problem {
  readonly code: string;
  /** A sentence of the server, in English; views show their own text for the codes they know. */
  readonly detail?: string;
  /** When it may be tried again, in milliseconds since 1970. It is tried again then without being asked. */
  readonly retryAt?: number;
}

/** A file on its way up. It leaves the list when its message stands among `messages`, or by `dismissUpload`. */
export interface Upload {
  readonly key: string;
  readonly name: string;
  readonly bytes: number;
  readonly kind: MediaKind;
  readonly problem?: Problem;
}

/**
 * `idle`: nothing was asked of the server. `starting`: the first answers are awaited. `ready`: there is a conversation.
 * `ended`: over, by the visitor, the operator or a reused token; `restart()` begins another.
 */
export type Phase = "idle" | "starting" | "ready" | "ended";

/** Who answers. `waiting`: handed over and nobody took it. */
export type Mode = "bot" | "waiting" | "agent";

/** `ended`: by the visitor. `reused`: the token was used twice. `disabled`: the channel is off. `refused`: not for this site. */
export type EndReason = "ended" | "reused" | "disabled" | "refused";

export interface ChatState {
  readonly phase: Phase;
  readonly isOpen: boolean;
  /** `offline`: not reachable; what is sent waits and goes out by itself. */
  readonly connection: "none" | "connecting" | "online" | "offline";
  readonly mode: Mode;
  readonly agentName?: string;
  /** Oldest first; what is not yet known to the server stands last, in the order of sending. */
  readonly messages: readonly Message[];
  readonly hasOlder: boolean;
  readonly isLoadingOlder: boolean;
  /** The first page has come (or there is none): views show skeletons before. */
  readonly isLoaded: boolean;
  /** Who is writing on the other side. Ends by itself. */
  readonly typing?: "bot" | "agent";
  /** Messages of bot and agent behind the read mark; 0 while the panel is open and visible. */
  readonly unread: number;
  readonly uploads: readonly Upload[];
  readonly locale: string;
  /** The channel asks for consent and has none yet: `send` queues nothing before `acceptConsent()`. */
  readonly needsConsent: boolean;
  /** The channel talks to verified visitors only and the page has not called `identify`: what is sent waits. */
  readonly needsIdentity: boolean;
  readonly isVerified: boolean;
  readonly name?: string;
  /** To be signed into the page's JWT for `identify`, where the server gives one. */
  readonly nonce?: string;
  /** A proof of work is being searched for (about a second). */
  readonly isProving: boolean;
  /** Something not bound to one message: limits (`retryAt`), an unreachable server, a refused identity. */
  readonly problem?: Problem;
  readonly endReason?: EndReason;
}

export interface Choice extends Reply {
  readonly messageId?: string;
}

export interface Contact {
  readonly email: string;
  readonly text: string;
  readonly name?: string;
}

/** What an action that asks the server at once came to. */
export type Outcome = { readonly isDone: true } | { readonly isDone: false; readonly problem: Problem };

/** None of these throws; what fails is told in the state or the outcome. */
export interface ChatActions {
  /** Opens the panel; the first time starts the session. */
  open(): void;
  close(): void;
  /** Queues a text. Blank text and text before consent are ignored (false). Longer than `textLengthMax` is refused (false). */
  send(text: string): boolean;
  /** Queues the choice of a button, quick reply or row of the message `messageId`; without it: of a quick start. */
  sendPayload(choice: Choice): boolean;
  /** Uploads, then queues a message with the file. */
  upload(file: File, text?: string): void;
  dismissUpload(key: string): void;
  /** Sends a failed message, or a failed upload, again. */
  retry(key: string): void;
  /** Takes a failed message away. */
  discard(key: string): void;
  /** Everything shown was seen: call it when the end of the list is in view. */
  markRead(): void;
  /** The visitor types (throttled) or stopped. */
  typing(isTyping: boolean): void;
  identify(jwt: string): Promise<Outcome>;
  setLocale(locale: string): void;
  loadOlder(): void;
  acceptConsent(): void;
  /** Ends the conversation. */
  end(): Promise<Outcome>;
  /** Begins again after the end. */
  restart(): void;
  /** Mails the transcript to the verified address. */
  requestTranscript(): Promise<Outcome>;
  /** Off hours: leaves a message. */
  sendContact(contact: Contact): Promise<Outcome>;
  /** The file of a message (`messageId` of the message that shows it) as a Blob for `URL.createObjectURL`; undefined when it cannot be had. */
  fetchMedia(media: Media, messageId?: string): Promise<Blob | undefined>;
  /** Stops everything; nothing is forgotten. */
  destroy(): void;
}

export interface ChatEvents {
  /** A message of bot or agent that was not shown before. */
  readonly message: Message;
  readonly unread: { readonly count: number };
  readonly identified: { readonly name?: string };
  /** The page's token was not accepted, or could not be brought to the server. */
  readonly identityRefused: { readonly code: string };
  readonly ended: { readonly reason: EndReason };
  /** The nonce for `identify`. */
  readonly nonce: { readonly nonce: string };
}

export interface Store {
  getState(): ChatState;
  /** Called after each change; answers how to stop. */
  subscribe(listener: () => void): () => void;
}

export interface Chat extends Store, ChatActions {
  /** Answers how to stop. */
  on<Name extends keyof ChatEvents>(name: Name, handler: (detail: ChatEvents[Name]) => void): () => void;
}

/** Longest text of a message, in UTF-16 code units. */
export const textLengthMax = 4000;
