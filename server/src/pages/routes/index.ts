// Every page of the server, and the surface that binds them.

import { accountRoutes } from "./account-routes.ts";
import { entryRoutes } from "./entry-routes.ts";
import type { PageRoute } from "./page-route.ts";
import { placeRoutes } from "./place-routes.ts";
import { signInRoutes } from "./sign-in-routes.ts";

export { createPageSurface, type PageSurfaceOptions } from "./surface.ts";

export const pageRoutes: readonly PageRoute[] = [...signInRoutes, ...entryRoutes, ...accountRoutes, ...placeRoutes];
