// Views that few visits need. Each is loaded when it is first drawn; nothing stands in its place until it is here.

import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";

type View<Props> = (props: Props) => VNode | null;

const againMs = 5_000;

/** A view that is loaded when it is needed. What cannot be loaded is tried again while it is wanted. */
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
      let timer: ReturnType<typeof setTimeout>;
      const begin = () =>
        void load().then(take, () => {
          timer = setTimeout(begin, againMs);
        });
      begin();
      return () => clearTimeout(timer);
    }, []);
    return Loaded === undefined ? null : <Loaded {...props} />;
  };
}

/** Adds the rules of a part behind those of the page: through CSSOM, because its policy takes no style element. */
export function addStyle(text: string): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(text);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}
