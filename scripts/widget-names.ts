// Names of properties that live within the embed page's script alone, so that the build may shorten them. A name that the
// server, the shelf, the host's page or the browser knows must not stand here; `widget-names.test.ts` looks.

/** In the order of their short names. */
export const privateNames: readonly string[] = [
  ...["acceptConsent", "addFiles", "agree", "checking", "choose", "contactSent", "dismissUpload", "dropAccepted"],
  ...["earlier", "emailWrong", "endAsk", "endReason", "environment", "fetchMedia", "findFirst"],
  ...["findResumePoint", "findUnmarked", "forget", "forgetMark", "hasOlder", "holder", "holders", "hooks", "isAtEnd"],
  ...["isDead", "isDone", "isFailed", "isFirstOfDay", "isGone", "isLoaded", "isLoadingOlder", "isOnline", "isOrdered"],
  ...["isOver", "isProving", "isQuiet", "isReady", "isShared", "isStale", "isVisible", "keeper", "kids", "lastOwnKey"],
  ...["limited", "listParcels", "loadOlder", "lockName", "lose", "markRead", "messageMissing", "needsConsent"],
  ...["needsIdentity", "news", "newWindow", "noMedia", "onAccepted", "onCommand", "onConnection"],
  ...["onConsented", "onDone", "onEvent", "onHello", "onLife", "onLost", "onNonce", "onPage", "onProving", "onSeen"],
  ...["onTrouble", "onViewport", "onWake", "openTabChannel", "pump", "randomBytes"],
  ...["readMark", "readSession", "relent", "removeParcel", "requestTranscript", "restart", "retryAfterMs"],
  ...[
    "sendContact",
    "sendPayload",
    "setProblem",
    "setSize",
    "shelf",
    "takeBegun",
    "takeEvent",
    "takeOlder",
    "takePage",
  ],
  ...["takesProof", "tellTabs", "timeoutMs", "toEnd", "transcriptSent", "uploading", "vnode"],
  ...["askToEnd", "baseUrl", "conversation", "course", "deps", "dismiss", "props", "Provider", "setText"],
  ...["settle", "toOutcome"],
  ...["whenReady", "wishes", "withAgent", "writeMark", "writeParcel", "writeSession"],
];
