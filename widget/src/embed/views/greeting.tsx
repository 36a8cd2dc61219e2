// What stands where nothing was said yet: a greeting, and what others often begin with.

import type { QuickStart } from "../../client/config.ts";
import { useUi } from "../ui.ts";
import { Avatar } from "./avatar.tsx";
import { Icon } from "./icon.tsx";

interface GreetingProps {
  /** Absent where nothing can be begun. */
  readonly begin?: ((start: QuickStart) => void) | undefined;
}

/** The first page of a conversation. */
export function Greeting({ begin }: GreetingProps) {
  const { config, phrases, own } = useUi();
  const { quickStarts } = config.features;
  return (
    <div class="greeting">
      <Avatar from="bot" />
      <h2>{own.greeting ?? phrases.greeting}</h2>
      {begin !== undefined && quickStarts.length > 0 && (
        <ul class="starts" aria-label={phrases.quickStarts}>
          {quickStarts.map((start) => (
            <li key={start.title}>
              <button type="button" class="start" onClick={() => begin(start)}>
                <span>{start.title}</span>
                <Icon name="forward" />
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** Stands where messages will, in their size, until the first have come. */
export function Skeleton() {
  const { phrases } = useUi();
  return (
    <div class="skeleton" role="status">
      <span class="unseen">{phrases.loading}</span>
      {[1, 2, 3].map((at) => (
        <span key={at} class="skeleton-bubble" data-at={at} />
      ))}
    </div>
  );
}
