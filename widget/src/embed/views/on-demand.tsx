// Views that few visits need. Each is loaded when it is first drawn; nothing stands in its place until it is here.

import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";

type View<Props> = (props: Props) => VNode | null;

/** A view that is loaded when it is needed. What cannot be loaded is tried again when it is drawn anew. */
export function onDemand<Props extends object>(load: () => Promise<View<Props>>): View<Props> {
  let Loaded: View<Props> | undefined;
  return (props) => {
    const [, draw] = useState(false);
    useEffect(() => {
      if (Loaded !== undefined) return;
      const take = (view: View<Props>) => {
        Loaded = view;
        draw(true);
      };
      void load().then(take, () => undefined);
    }, []);
    return Loaded === undefined ? null : <Loaded {...props} />;
  };
}
