// What a page's route is: an address, who may see it, and how it answers GET and POST. Routes know nothing of HTTP; they
// call operations and choose a view.

import type { Answer } from "../../api/index.ts";
import type { Caller, UserActor } from "../../kernel/actor.ts";
import { AppError } from "../../kernel/errors.ts";
import type { AppId, OrganisationId } from "../../kernel/ids.ts";
import type { Html } from "../../platform/html/index.ts";
import type { FormPageView } from "../page-view.ts";
import type { FormFields } from "./form.ts";
import type { Visit } from "./visit.ts";

export type Headers = readonly (readonly [name: string, value: string])[];

export type PageReply =
  | { readonly html: Html; readonly status?: number; readonly headers?: Headers }
  /** Goes on to a page of this server. */
  | { readonly to: string; readonly headers?: Headers };

/** Where an operation stands. */
export type PagePlace = { readonly organisationId: OrganisationId } | { readonly appId: AppId };

/** One request of a page. */
export interface PageContext {
  readonly path: string;
  /** The parts of the address that vary. */
  readonly params: FormFields;
  readonly query: FormFields;
  /** Empty for GET. */
  readonly form: FormFields;
  readonly visit: Visit;
  /** Who is signed in; always set where a route needs somebody. */
  readonly user: UserActor | undefined;
  /** Why whoever is signed in can do nothing but enrol or show a factor. */
  readonly held: AppError | undefined;
  /** What every page is given. */
  readonly base: FormPageView;
  readonly nowMs: number;
  /** Calls an operation for whoever is signed in, or for nobody. Throws what the interface would answer. */
  call(name: string, input?: object, as?: Caller): Promise<Answer>;
  /** Calls an operation in an organisation or an app, for whoever is signed in and has a part there. */
  callAt(place: PagePlace, name: string, input?: object): Promise<Answer>;
}

export type PageHandler = (context: PageContext) => Promise<PageReply>;

export interface PageRoute {
  readonly path: string;
  /** `user`: others are sent to sign in first. */
  readonly needs: "nobody" | "user";
  readonly get?: PageHandler;
  readonly post?: PageHandler;
}

/** Errors that are not about what was typed: the surface answers them by going elsewhere. */
const elsewhere = new Set([
  "identity.session_required",
  "identity.factor_enrolment_required",
  "api.step_up_required",
  "identity.step_up_needed",
  "api.forged_request",
]);

/** Does something with what was typed; a refusal shows the form again. 503 is a refusal that can be tried again. */
export async function orAgain(
  act: () => Promise<PageReply>,
  again: (refusal: Pick<FormPageView, "notice" | "mistakes">) => PageReply | Promise<PageReply>,
): Promise<PageReply> {
  try {
    return await act();
  } catch (error) {
    const isBusy = error instanceof AppError && error.status === 503;
    if (!(error instanceof AppError) || elsewhere.has(error.code) || (error.status >= 500 && !isBusy)) throw error;
    const refusal = { notice: { tone: "error", text: error.detail }, mistakes: error.mistakes } as const;
    const reply = await again(refusal);
    const headers: Headers =
      error.retryAfterSeconds === undefined ? [] : [["retry-after", String(error.retryAfterSeconds)]];
    return "html" in reply
      ? { ...reply, status: error.status, headers: [...(reply.headers ?? []), ...headers] }
      : { ...reply };
  }
}
