// Binds the pages: who asks, whether this site's own form was posted, which view answers, with a policy of its own for
// each answer. Whatever fails becomes a page too.

import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import {
  type Answer,
  type Authenticate,
  apiErrors,
  assertSameOrigin,
  type ForgeryLayers,
  type Invoke,
  isForgeryToken,
  issueForgeryToken,
  readCookies,
  toOrigin,
} from "../../api/index.ts";
import type { Caller, UserActor } from "../../kernel/actor.ts";
import type { Clock } from "../../kernel/clock.ts";
import { AppError } from "../../kernel/errors.ts";
import type { Operation } from "../../kernel/operation.ts";
import type { Secret } from "../../kernel/secret.ts";
import { drawBytes } from "../../platform/crypto/random.ts";
import { listAssetHeaders } from "../../platform/http/document-headers.ts";
import { type HttpLog, type Surface, toAddress, toAppError } from "../../platform/http/index.ts";
import { listPageAssets } from "../assets.ts";
import { listPageHeaders } from "../headers.ts";
import { pagePaths } from "../paths.ts";
import { errorPage } from "../views/error.ts";
import { acceptForms, type FormFields } from "./form.ts";
import type { PageContext, PageHandler, PagePlace, PageReply, PageRoute } from "./page-route.ts";
import { keepVisit, readVisit, type Visit } from "./visit.ts";

export interface PageSurfaceOptions {
  readonly routes: readonly PageRoute[];
  readonly authenticate: Authenticate;
  readonly invoke: Invoke;
  readonly pepper: Secret<Buffer>;
  readonly publicUrl: string;
  readonly isHttps: boolean;
  readonly clock: Clock;
  readonly log: HttpLog;
  /** Tests alone take layers away. */
  readonly forgeryLayers?: ForgeryLayers | undefined;
}

const anonymous: Caller = { kind: "anonymous" };
/** The session is good, but the person has to confirm first that it is them. */
const confirmFirst = new Set(["api.step_up_required", "identity.step_up_needed"]);
const allLayers = { fetchMetadata: true, token: true };

interface SignedIn {
  readonly user: UserActor;
  /** Why the person can do nothing but enrol or show a factor; undefined when they can. */
  readonly held: AppError | undefined;
}

/**
 * Who is signed in; undefined when nobody is.
 * SECURITY: somebody who has yet to show the factor their organisation asks for is let in for that alone.
 */
async function findUser(options: PageSurfaceOptions, request: FastifyRequest): Promise<SignedIn | undefined> {
  const { session } = readCookies(request.headers.cookie);
  if (session === undefined) return undefined;
  const credentials = { authorization: undefined, session, remoteAddress: toAddress(request), requestId: request.id };
  const place = { scope: "user", organisationId: undefined, appId: undefined } as const;
  const find = async (isOpenWhileEnrolling: boolean, held?: AppError): Promise<SignedIn | undefined> => {
    const actor = await options.authenticate(credentials, { ...place, isOpenWhileEnrolling });
    return actor.kind === "user" ? { user: actor, held } : undefined;
  };
  try {
    return await find(false);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (error.status === 401) return undefined;
    return find(true, error);
  }
}

/** SECURITY: the session is looked up anew with the place, like every request of the interface that names one. */
async function enterPlace(
  options: PageSurfaceOptions,
  request: FastifyRequest,
  { place, operation }: { place: PagePlace; operation: Operation },
): Promise<Caller> {
  const { session } = readCookies(request.headers.cookie);
  const credentials = { authorization: undefined, session, remoteAddress: toAddress(request), requestId: request.id };
  const permission = typeof operation.permission === "string" ? operation.permission : undefined;
  return options.authenticate(credentials, {
    scope: operation.scope,
    ...{ organisationId: undefined, appId: undefined, ...place, permission },
    isOpenWhileEnrolling: operation.isOpenWhileEnrolling === true,
  });
}

function toQuery(request: FastifyRequest): FormFields {
  const entries = Object.entries(request.query as Record<string, unknown>);
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}

type Whose = `visit:${string}` | UserActor["sessionId"];

function toWhose(user: UserActor | undefined, visit: Visit): Whose {
  return user?.sessionId ?? `visit:${visit.id}`;
}

/** SECURITY: two layers besides the cookies' SameSite, each sufficient alone; the form's token comes in a field. */
function assertOwnForm(options: PageSurfaceOptions, request: FastifyRequest, whose: Whose): void {
  const layers = options.forgeryLayers ?? allLayers;
  const publicOrigin = new URL(options.publicUrl).origin;
  if (layers.fetchMetadata) assertSameOrigin(request.headers, { publicOrigin, hasCookie: true });
  const { csrf } = (request.body ?? {}) as FormFields;
  if (layers.token && !isForgeryToken(options.pepper, whose, csrf)) {
    throw new AppError(apiErrors.forgedRequest, { note: "no token" });
  }
}

class PageRequest {
  readonly options: PageSurfaceOptions;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly nonce = drawBytes(18).toString("base64url");
  readonly visit: Visit;

  constructor(options: PageSurfaceOptions, request: FastifyRequest, reply: FastifyReply) {
    this.options = options;
    this.request = request;
    this.reply = reply;
    this.visit = readVisit(request.headers.cookie);
  }

  async answer(route: PageRoute, handler: PageHandler): Promise<FastifyReply> {
    const signedIn = await findUser(this.options, this.request);
    const user = signedIn?.user;
    if (route.needs === "user" && user === undefined) return this.send({ to: this.toSignIn() });
    const whose = toWhose(user, this.visit);
    if (this.request.method === "POST") assertOwnForm(this.options, this.request, whose);
    return this.send(await handler(this.#toContext(route, signedIn)));
  }

  /** The failure as a page, or the way to where it can be mended. */
  fail(error: unknown): FastifyReply {
    const failure = toAppError(error);
    const { options, request } = this;
    const fields = {
      requestId: request.id,
      code: failure.code,
      method: request.method,
      route: request.routeOptions.url,
    };
    if (failure.status >= 500) options.log.error({ ...fields, err: failure }, "request failed");
    else options.log.debug(fields, failure.message);
    if (failure.code === "identity.session_required") return this.send({ to: this.toSignIn() });
    if (failure.code === "identity.factor_enrolment_required") return this.send({ to: pagePaths.account });
    if (confirmFirst.has(failure.code)) return this.send({ to: this.#to(pagePaths.confirm) });
    if (failure.retryAfterSeconds !== undefined) this.reply.header("retry-after", failure.retryAfterSeconds);
    const { nonce } = this;
    const html = errorPage({ nonce, status: failure.status, sentence: failure.detail, requestId: request.id });
    return this.send({ html, status: failure.status });
  }

  toSignIn(): string {
    return this.#to(pagePaths.signIn);
  }

  send(answer: PageReply): FastifyReply {
    const { reply, options, nonce, visit } = this;
    const isHttps = options.isHttps;
    for (const [name, value] of listPageHeaders({ nonce, isHttps, publicOrigin: options.publicUrl })) {
      reply.header(name, value);
    }
    const cookies = visit.isFresh ? [keepVisit(visit)] : [];
    for (const [name, value] of [...cookies, ...(answer.headers ?? [])]) reply.header(name, value);
    if ("to" in answer) return reply.code(303).header("location", answer.to).send();
    return reply.code(answer.status ?? 200).send(answer.html.toString());
  }

  #to(path: string): string {
    const { method, url } = this.request;
    const returnTo = method === "GET" ? url : this.#toFormPath(url.split("?")[0] ?? "/");
    return `${path}?${new URLSearchParams({ returnTo }).toString()}`;
  }

  /** Where the form stood that was posted to `path`: there, or at the page above it. */
  #toFormPath(path: string): string {
    const isPage = this.options.routes.some((route) => route.path === path && route.get !== undefined);
    return isPage || path === "/" ? path : this.#toFormPath(path.slice(0, path.lastIndexOf("/")) || "/");
  }

  #toContext(route: PageRoute, signedIn: SignedIn | undefined): PageContext {
    const { options, request, visit, nonce } = this;
    const user = signedIn?.user;
    const csrf = issueForgeryToken(options.pepper, toWhose(user, visit));
    const origin = toOrigin(request);
    return {
      path: route.path,
      params: request.params as FormFields,
      query: toQuery(request),
      form: (request.body ?? {}) as FormFields,
      visit,
      user,
      base: { nonce, csrf },
      nowMs: options.clock.nowMs(),
      held: signedIn?.held,
      call: (name, input = {}, as = user ?? anonymous): Promise<Answer> =>
        options.invoke(name, { actor: as, input, requestId: request.id, origin, held: signedIn?.held }),
      callAt: (place, name, input = {}): Promise<Answer> =>
        options.invoke(name, {
          actor: (operation) => enterPlace(options, request, { place, operation }),
          ...{ input, requestId: request.id, origin, held: signedIn?.held },
        }),
    };
  }
}

/** A page opened at the loopback address moves on to its name, which a passkey needs. */
function toNamedHost(options: PageSurfaceOptions, request: FastifyRequest): string | undefined {
  const named = new URL(options.publicUrl);
  const host = request.headers.host ?? "";
  if (named.hostname !== "localhost" || !/^(127\.0\.0\.1|\[::1\])(:\d+)?$/.test(host)) return undefined;
  const port = /:(\d+)$/.exec(host)?.[1] ?? "80";
  return port === (named.port || "80") ? `${named.origin}${request.url}` : undefined;
}

function bindRoute(scope: FastifyInstance, route: PageRoute, options: PageSurfaceOptions): void {
  const bind = (method: "GET" | "POST", handler: PageHandler): void => {
    scope.route({
      method,
      url: route.path,
      exposeHeadRoute: false,
      errorHandler: (error, request, reply) => {
        new PageRequest(options, request, reply).fail(error);
      },
      handler: async (request, reply) => {
        const named = method === "GET" ? toNamedHost(options, request) : undefined;
        if (named !== undefined) return reply.code(302).header("location", named).send();
        const page = new PageRequest(options, request, reply);
        try {
          return await page.answer(route, handler);
        } catch (error) {
          return page.fail(error);
        }
      },
    });
  };
  if (route.get !== undefined) bind("GET", route.get);
  if (route.post !== undefined) bind("POST", route.post);
}

/** The surface of the pages and their three assets. */
export function createPageSurface(options: PageSurfaceOptions): Surface {
  return {
    name: "page",
    register(scope) {
      acceptForms(scope);
      for (const route of options.routes) bindRoute(scope, route, options);
      for (const asset of listPageAssets()) {
        scope.get(asset.path, (_request, reply) => {
          for (const [name, value] of listAssetHeaders(asset)) reply.header(name, value);
          return reply.send(asset.body);
        });
      }
    },
  };
}
