// What stands in the place of `preact`, `preact/hooks` and `preact/jsx-runtime` in the built widget.

export { Fragment, jsx, jsx as jsxDEV, jsx as jsxs, render } from "./draw.ts";
export {
  createContext,
  useContext,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "./hooks.ts";
