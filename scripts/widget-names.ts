// Names of properties that live within the embed page's script alone, so that the build may shorten them. A name that the
// server, the shelf, the host's page or the browser knows must not stand here; `widget-names.test.ts` looks.

/** In the order of their short names: what is used most has one letter. */
export const privateNames: readonly string[] = [
  ...["phrases", "environment", "keeper", "conversation", "props", "holder", "hooks", "needsConsent", "shelf"],
  ...["course", "vnode", "addFiles", "choose", "readSession", "deps", "isLoaded", "isDone", "isFailed"],
  ...["news", "retryAfterMs", "toEnd", "listParcels", "isAtEnd", "needsIdentity", "randomBytes", "restart"],
  ...["isStale", "isQuiet", "kids", "pump", "onLost", "setProblem", "findResumePoint", "isGone"],
  ...["isLoadingOlder", "limited", "lockName", "setSize", "tellTabs", "hasOlder", "isShared", "noMedia"],
  ...["toOutcome", "agree", "earlier", "readMark", "removeParcel", "setText", "takesProof", "writeSession"],
  ...["acceptConsent", "askToEnd", "checking", "contactSent", "emailWrong", "endAsk", "fetchMedia"],
  ...["forgetMark", "holders", "lastOwnKey", "loadOlder", "messageMissing", "newWindow", "onConnection"],
  ...["onEvent", "onLife", "sendPayload", "settle", "transcriptSent", "uploading", "wishes", "withAgent"],
  ...["writeParcel", "Provider", "baseUrl", "dismissUpload", "dropAccepted", "endReason", "findFirst"],
  ...["forget", "isFirstOfDay", "isOver", "isProving", "lose", "onProving", "onTrouble", "sendContact"],
  ...["takeBegun", "whenReady", "dismiss", "findUnmarked", "isReady", "isVisible", "markRead", "onDone"],
  ...["onNonce", "onPage", "onWake", "openTabChannel", "relent", "requestTranscript", "takeEvent"],
  ...["takeOlder", "takePage", "writeMark", "isOnline", "onAccepted", "onCommand", "onConsented", "onHello"],
  ...["onSeen", "onViewport", "timeoutMs", "isDead", "isOrdered"],
];
