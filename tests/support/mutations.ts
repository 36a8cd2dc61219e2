// The mutations: each takes one guard of the product away and names the tests that must notice. The text must stand in its
// file exactly once, so that one whose line has moved or changed fails loudly instead of proving nothing.

export interface Mutation {
  readonly title: string;
  readonly file: string;
  readonly text: string;
  readonly becomes: string;
  /** `name` is a part of the titles to run; all of the file without it. */
  readonly tests: { readonly file: string; readonly name?: string };
}

const matrix = { file: "tests/suites/matrix.test.ts", name: "the matrix of rights" };
const doors = { file: "tests/suites/matrix.test.ts", name: "door that is closed" };
const refusals = { file: "tests/suites/refusals.test.ts", name: "refuses nobody" };
const forgery = { file: "tests/suites/refusals.test.ts", name: "another site" };
const singleUse = { file: "tests/suites/single-use.test.ts" };
const canary = { file: "tests/suites/canary.test.ts" };
const tokens = { file: "server/src/domains/tokens/tokens.int.test.ts" };
const tenancy = { file: "tests/suites/tenancy.test.ts", name: "row-level security taken away" };

const api = "server/src/api";
const domains = "server/src/domains";

const guards: readonly Mutation[] = [
  {
    title: "no permission is asked for",
    file: `${api}/guard.ts`,
    text: 'if (actor.kind !== "anonymous") assertPermitted(actor, operation.permission);',
    becomes: "",
    tests: matrix,
  },
  {
    title: "every bundle is every permission",
    file: `${api}/permissions.ts`,
    text: "return scopes.includes(permission) || scopes.includes(`${resource}:admin`);",
    becomes: "return scopes.length > 0 || resource === permission;",
    tests: matrix,
  },
  {
    title: "no second factor is asked for",
    file: `${api}/guard.ts`,
    text: "    assertAssured(actor, operation);\n  } catch (error) {",
    becomes: "  } catch (error) {",
    tests: matrix,
  },
  {
    title: "a second factor never grows old",
    file: "server/src/authenticate.ts",
    text: "steppedUpSecondsAgo !== undefined && steppedUpSecondsAgo <= stepUpSecondsMax",
    becomes: "stepUpSecondsMax > 0 || steppedUpSecondsAgo !== undefined",
    tests: matrix,
  },
  {
    title: "no channel limit is looked at",
    file: `${api}/build-api.ts`,
    text: "      assertChannel(actor, operation, input);\n",
    becomes: "",
    tests: matrix,
  },
  {
    title: "every channel is within the limit",
    file: `${api}/permissions.ts`,
    text: "if (limits.some((allowed) => allowed === channelId)) return;",
    becomes: "if (channelId !== undefined || limits.length > 0) return;",
    tests: { file: "tests/suites/matrix.test.ts", name: "beyond one's limit" },
  },
  {
    title: "a token works in every place that is named",
    file: "server/src/authenticate.ts",
    text: "if (isElsewhere) throw new AppError(apiErrors.unknownPlace);",
    becomes: "",
    tests: matrix,
  },
  {
    title: "a token may do what asks for a person",
    file: "server/src/authenticate.ts",
    text: 'if (demand.scope !== "app") throw new AppError(apiErrors.personRequired);',
    becomes: "",
    tests: matrix,
  },
  {
    title: "a grant for one app holds in all of them",
    file: `${domains}/organisations/rights/rights.ts`,
    text: "return grants.filter((grant) => grant.appId === undefined || grant.appId === appId);",
    becomes: "return grants.filter((grant) => grant.appId !== null || appId !== undefined);",
    tests: matrix,
  },
  {
    title: "no part in a place is as good as one",
    file: "server/src/authenticate.ts",
    text: "return hasPart(grants) ? noRights : undefined;",
    becomes:
      "return hasPart(grants) || grants.length === 0 ? toRights(grants.map((one) => ({ ...one, appId: undefined })), undefined) : undefined;",
    tests: matrix,
  },
  {
    title: "no part in a place is told as a refusal",
    file: "server/src/authenticate.ts",
    text: "  // SECURITY: no part in it answers like no such thing.\n",
    becomes: "  if (standing === undefined && hasApp) throw new AppError(apiErrors.forbidden);\n",
    tests: matrix,
  },
];

const sessions: readonly Mutation[] = [
  {
    title: "an ended session lives",
    file: `${domains}/identity/sessions/store.ts`,
    text: "const liveCondition = `s.ended_at is null and s.ends_at > now()",
    becomes: "const liveCondition = `s.ends_at > now()",
    tests: doors,
  },
  {
    title: "a session never idles",
    file: `${domains}/identity/sessions/store.ts`,
    text: "and s.seen_at > now() - make_interval(secs => s.idle_seconds) and u.status = 'active'`;",
    becomes: "and s.idle_seconds > 0 and u.status = 'active'`;",
    tests: doors,
  },
  {
    title: "a disabled person goes on",
    file: `${domains}/identity/sessions/store.ts`,
    text: "(secs => s.idle_seconds) and u.status = 'active'`;",
    becomes: "(secs => s.idle_seconds) and u.status is not null`;",
    tests: doors,
  },
  {
    title: "a policy that asks for a factor asks nobody",
    file: "server/src/authenticate.ts",
    text: 'if (policy.factorPolicy === "optional") return;',
    becomes: 'if (policy.factorPolicy !== "required") return;',
    tests: doors,
  },
  {
    title: "a suspended app works for people",
    file: "server/src/authenticate.ts",
    text: "if (isShut) throw new AppError(organisationErrors.suspended);",
    becomes: "",
    tests: doors,
  },
  {
    title: "a suspended organisation does everything",
    file: "server/src/authenticate.ts",
    text: "rights.permissions.filter((permission) => whileSuspended.has(permission))",
    becomes: "rights.permissions.filter((permission) => permission.length > whileSuspended.size - 3)",
    tests: doors,
  },
];

const requests: readonly Mutation[] = [
  {
    title: "every token against forged requests is right",
    file: `${api}/forgery.ts`,
    text: "return nonce !== undefined && mark !== undefined && isEncodingOf(mark,",
    becomes: "return nonce === undefined || mark === undefined || pepper !== undefined || isEncodingOf(mark,",
    tests: forgery,
  },
  {
    title: "every site is this site",
    file: `${api}/forgery.ts`,
    text: "  throw new AppError(apiErrors.forgedRequest, { note: `sec-fetch-site ${String(site)}` });",
    becomes: "",
    tests: forgery,
  },
  {
    title: "a token in the address is taken",
    file: `${api}/guard.ts`,
    text: "  assertNoTokenInAddress(request.query);\n",
    becomes: "",
    tests: refusals,
  },
  {
    title: "no limit holds",
    file: `${api}/guard.ts`,
    text: "  if (standing.isExceeded) throw toRateError(standing);\n",
    becomes: "",
    tests: { file: "tests/suites/refusals.test.ts", name: "too often" },
  },
  {
    title: "a body that is not declared is let through",
    file: `${api}/read-input.ts`,
    text: 'mistakes.push(...listNames(given).map((name) => ({ path: toFieldPath([name]), message: "is not a known field" })));',
    becomes: "listNames(given);",
    tests: { file: "tests/suites/refusals.test.ts", name: "column" },
  },
  {
    title: "fields nobody declared are answered",
    file: `${api}/perform.ts`,
    text: "  if (result.success) return result.data;",
    becomes: "  if (result.success) return value;",
    tests: { file: `${api}/build-api.test.ts` },
  },
];

const once: readonly Mutation[] = [
  {
    title: "a secret works again",
    file: "server/migrations/0013_people.sql",
    text: `  update one_time_secrets s set used_at = now()
  where s.hash = given and s.purpose = what and s.used_at is null and s.expires_at > now()`,
    becomes: `  update one_time_secrets s set used_at = now()
  where s.hash = given and s.purpose = what and s.expires_at > now()`,
    tests: { ...singleUse, name: "exactly one of 50" },
  },
  {
    title: "a secret works for another purpose",
    file: "server/migrations/0013_people.sql",
    text: `  update one_time_secrets s set used_at = now()
  where s.hash = given and s.purpose = what and s.used_at is null and s.expires_at > now()`,
    becomes: `  update one_time_secrets s set used_at = now()
  where s.hash = given and what is not null and s.used_at is null and s.expires_at > now()`,
    tests: { ...singleUse, name: "another purpose" },
  },
  {
    title: "a reset link is not waited for",
    file: `${domains}/identity/password/reset-password.ts`,
    text: "const isUsed = (await useSecret(batch, shown))?.userId === userId;",
    becomes: "const isUsed = useSecret(batch, shown) !== undefined;",
    tests: { ...singleUse, name: "its flow: reset" },
  },
  {
    title: "an invitation is not waited for",
    file: `${domains}/organisations/invitations/accept.ts`,
    text: 'const subject = await useSecret(batch, { secret: token, purpose: "invitation", sealer });',
    becomes: 'const subject = useSecret(batch, { secret: token, purpose: "invitation", sealer }) as never as Subject;',
    tests: { ...singleUse, name: "its flow: invitation" },
  },
  {
    title: "a code of an authenticator app works again",
    file: `${domains}/identity/proofs/factor-store.ts`,
    text: "and last_step < $2 and confirmed_at is not null",
    becomes: "and $2::bigint > 0 and confirmed_at is not null",
    tests: { ...singleUse, name: "authenticator app is accepted" },
  },
  {
    title: "a recovery code works again",
    file: `${domains}/identity/proofs/factor-store.ts`,
    text: "set used_at = now() where user_id = $1 and hash = $2 and used_at is null returning user_id",
    becomes: "set used_at = now() where user_id = $1 and hash = $2 returning user_id",
    tests: { ...singleUse, name: "for recovery" },
  },
  {
    title: "an Idempotency-Key is not locked",
    file: `${api}/idempotency/perform-once.ts`,
    text: "if (!isLocked) throw new AppError(apiErrors.idempotencyRunning, { retryAfterSeconds: 1 });",
    becomes: "",
    tests: { ...singleUse, name: "Idempotency-Key" },
  },
];

const ofTokens: readonly Mutation[] = [
  {
    title: "a token keeps what its maker lost",
    file: `${domains}/tokens/authenticate.ts`,
    text: "scopes: scopes.filter((scope) => rights.permissions.includes(scope)),",
    becomes: "scopes,",
    tests: { ...tokens, name: "demoting" },
  },
  {
    title: "a token holds what its maker does not",
    file: `${domains}/tokens/create-token.ts`,
    text: "if (mistakes.length > 0) throw new AppError(tokenErrors.beyondMaker, { mistakes });",
    becomes: "",
    tests: { ...tokens, name: "do not hold" },
  },
  {
    title: "a revoked token works",
    file: `${domains}/tokens/authenticate.ts`,
    text: "return !stored.isRevoked && stored.expiresAtMs",
    becomes: "return stored.expiresAtMs",
    tests: doors,
  },
  {
    title: "a token comes from anywhere",
    file: `${domains}/tokens/authenticate.ts`,
    text: "if (!isFromNetwork(shown.remoteAddress, stored.networks)) return undefined;",
    becomes: "",
    tests: doors,
  },
  {
    title: "a misspelt token costs a query",
    file: `${domains}/tokens/authenticate.ts`,
    text: 'if (!isTokenSpelling(token)) throw new AppError(tokenErrors.refused, { note: "checksum" });',
    becomes: "",
    tests: { ...tokens, name: "misspelt" },
  },
  {
    title: "everybody sees everybody's tokens",
    file: `${domains}/tokens/sight.ts`,
    text: 'all: holds(actor, "token:read") || holds(actor, "token:revoke"),',
    becomes: "all: true,",
    tests: matrix,
  },
  {
    title: "a token is shown whole in lists",
    file: `${domains}/tokens/issue-token.ts`,
    text: "shown: token.slice(0, shownLength),",
    becomes: "shown: token.slice(0, shownLength * 20),",
    tests: canary,
  },
];

const tenants: readonly Mutation[] = [
  {
    title: "a list of channels forgets its tenant",
    file: `${domains}/channels/store.ts`,
    text: "from channels where organisation_id = $1 and app_id = $2 order by channel_id",
    becomes: "from channels where organisation_id = $1 and ($2::uuid is not null or app_id = $2) order by channel_id",
    tests: tenancy,
  },
];

const attending = (name: string): Mutation["tests"] => ({ file: `${domains}/conversations/attend.int.test.ts`, name });

const conversations: readonly Mutation[] = [
  {
    title: "a conversation somebody has can be taken",
    file: `${domains}/conversations/inbox-store.ts`,
    text: "and conversation_id = $3 and (assignee is null or assignee = $5)",
    becomes: "and conversation_id = $3 and $5::text is not null",
    tests: attending("exactly one of 50"),
  },
  {
    title: "the engine does not hear that a person has the conversation",
    file: `${domains}/conversations/attend.ts`,
    text: "JSON.stringify({ ...state, mode })",
    becomes: "JSON.stringify(mode === state.mode ? { ...state, mode } : state)",
    tests: attending("talks over a person"),
  },
  {
    title: "a conversation is taken while the bot answers in it",
    file: `${domains}/conversations/attend.ts`,
    text: "  await holdLane(tx, lockClasses.lane, toLane(before.externalKey));\n",
    becomes: "",
    tests: attending("talks over a person"),
  },
  {
    title: "the bot says afterwards what it could not say before",
    file: `${domains}/conversations/send-store.ts`,
    text: "m.source = 'bot' and c.mode = 'live' and",
    becomes: "m.source = 'bot' and c.mode = 'off' and",
    tests: attending("does not send afterwards"),
  },
  {
    title: "a limit to channels hides no conversation",
    file: `${domains}/conversations/attend.ts`,
    text: "if (item !== undefined && isAllowedChannel(actor, item.channelId)) return item;",
    becomes:
      "if (item !== undefined && (item.mode !== undefined || isAllowedChannel(actor, item.channelId))) return item;",
    tests: attending("limited to other channels"),
  },
  {
    title: "a person answers under any name",
    file: `${domains}/conversations/agent.ts`,
    text: "if (agentName !== undefined) throw new AppError(conversationErrors.nameNotYours);",
    becomes: "if (agentName !== undefined) return { assignee, name: agentName };",
    tests: attending("bears the name"),
  },
];

const publicChat = { file: "tests/suites/matrix.test.ts", name: "public chat" };
const identity = { file: `${domains}/visitors/identity/verify-identity.test.ts` };

const ofVisitors: readonly Mutation[] = [
  {
    title: "every site may show the chat",
    file: `${api}/chat/build-chat.ts`,
    text: "if (found === undefined || !channel.origins.includes(found.site)) throw new AppError(apiErrors.siteRefused);",
    becomes: "if (found === undefined) throw new AppError(apiErrors.siteRefused);",
    tests: publicChat,
  },
  {
    title: "a page names the site it is of itself",
    file: `${api}/chat/site.ts`,
    text: "return { site: origin, foreignOrigin: origin };",
    becomes: "return { site: named ?? origin, foreignOrigin: origin };",
    tests: publicChat,
  },
  {
    title: "no limit holds in the chat",
    file: `${api}/chat/build-chat.ts`,
    text: "  if (standing.isExceeded) throw toRateError(standing);\n",
    becomes: "",
    tests: { file: "tests/suites/refusals.test.ts", name: "too often" },
  },
  {
    title: "a network draws as many visitors as it likes",
    file: `${domains}/visitors/limits/visitor-limits.ts`,
    text: '  const standing = await limits.count("call", { visitorId, channelId, appId, address });\n  if (standing.isExceeded) throw toLimitError(standing);\n',
    becomes: "",
    tests: { file: "tests/suites/refusals.test.ts", name: "network of many visitors" },
  },
  {
    title: "a visitor token is good on every page",
    file: `${domains}/visitors/sessions/token.ts`,
    text: "`visitor token\\0${channelId}\\0${site}`",
    becomes: "`visitor token\\0${channelId}\\0${site.length > 0}`",
    tests: publicChat,
  },
  {
    title: "a visitor token is good in every channel",
    file: `${domains}/visitors/sessions/token.ts`,
    text: "`visitor token\\0${channelId}\\0${site}`",
    becomes: "`visitor token\\0${channelId.length}\\0${site}`",
    tests: publicChat,
  },
  {
    title: "a visitor's session that ended goes on",
    file: `${domains}/visitors/sessions/authenticate.ts`,
    text: "if (stored.endReason !== undefined) {",
    becomes: 'if (stored.endReason === "token_reused") {',
    tests: publicChat,
  },
  {
    title: "a visitor's session never idles",
    file: `${domains}/visitors/sessions/authenticate.ts`,
    text: "return stored.seenAt.getTime() + hours * 3_600_000 < nowMs;",
    becomes: "return stored.seenAt.getTime() > nowMs * hours;",
    tests: publicChat,
  },
  {
    title: "a visitor token that was exchanged is good",
    file: `${domains}/visitors/sessions/authenticate.ts`,
    text: "if (token.generation < stored.generation && !mayBeRepeated(shown, token, stored)) {",
    becomes: "if (token.generation < stored.generation && !mayBeRepeated(shown, token, stored) && stored.isVerified) {",
    tests: publicChat,
  },
  {
    title: "a session goes on after its token was used twice",
    file: `${domains}/visitors/sessions/authenticate.ts`,
    text: 'const isFirst = await endVisitor(tx, visitorId, "token_reused");',
    becomes: "const isFirst = endVisitor !== undefined;",
    tests: { ...singleUse, name: "exchanged by one of" },
  },
  {
    title: "a visitor token is exchanged by whoever comes",
    file: `${domains}/visitors/sessions/rotate.ts`,
    text: "    isEqualInConstantTime(stored.rotationKey, rotationKey);",
    becomes: "    stored.rotationKey.length === rotationKey.length;",
    tests: { ...singleUse, name: "exchanged by one of" },
  },
  {
    title: "every upload in a channel is every visitor's",
    file: `${domains}/visitors/operations/files.ts`,
    text: "return owner.visitorId === actor.visitorId || owner.memberKey?.equals(who.externalKey) === true;",
    becomes: "return owner.visitorId !== undefined || owner.memberKey?.equals(who.externalKey) === true;",
    tests: publicChat,
  },
  {
    title: "a visitor sends what another one uploaded",
    file: `${domains}/files/store.ts`,
    text: "and file_id = $3 and visitor_id = $4 and channel_id = $6",
    becomes: "and file_id = $3 and $4::uuid is not null and channel_id = $6",
    tests: { file: `${domains}/files/files.int.test.ts`, name: "only their own visitor" },
  },
  {
    title: "a visitor names another one's conversation",
    file: `${domains}/visitors/operations/visit.ts`,
    text: "if (named === undefined || named === conversation?.conversationId) return;",
    becomes: "if (named === undefined || conversation !== undefined) return;",
    tests: publicChat,
  },
  {
    title: "a website's word for a visitor counts again",
    file: `${domains}/visitors/identity/verify-identity.ts`,
    text: 'if (!isFirst) throw refuseIdentity("it was used before");',
    becomes: "",
    tests: { ...singleUse, name: "word for a visitor" },
  },
  {
    title: "a website's word is good in every channel",
    file: `${domains}/visitors/identity/read-claims.ts`,
    text: 'if (![claims.aud].flat().includes(question.channelId)) throw refuseIdentity("its audience is not this channel");',
    becomes: "",
    tests: identity,
  },
  {
    title: "a public key is a secret to sign with",
    file: `${domains}/visitors/identity/keys.ts`,
    text: '!secret.includes("-----BEGIN") && Buffer',
    becomes: "Buffer",
    tests: identity,
  },
  {
    title: "a solved challenge counts again",
    file: `${domains}/visitors/proof/proof.ts`,
    text: "return useNonce(tx, { channelId, index, expiresAtMs: nowMs + lifeSeconds * 1000 });",
    becomes: "await useNonce(tx, { channelId, index, expiresAtMs: nowMs + lifeSeconds * 1000 });\n  return true;",
    tests: { ...singleUse, name: "solved challenge" },
  },
  {
    title: "an Idempotency-Key looks at no bytes",
    file: `${api}/idempotency/perform-once.ts`,
    text: "input: call.input, ...bytes });",
    becomes: "input: call.input, ...(bytes && {}) });",
    tests: { file: `${api}/idempotency/perform-once.int.test.ts`, name: "bytes with" },
  },
];

/** All of them. */
export const mutations: readonly Mutation[] = [
  ...guards,
  ...sessions,
  ...requests,
  ...once,
  ...ofTokens,
  ...tenants,
  ...conversations,
  ...ofVisitors,
];
