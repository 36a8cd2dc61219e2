// Files on their way up, each with its own fate.

import type { Problem, Upload } from "../../client/types.ts";
import { formatBytes } from "../format.ts";
import { toProblemText } from "../problem-text.ts";
import { useUi } from "../ui.ts";
import { Icon } from "./icon.tsx";
import { addStyle } from "./on-demand.tsx";
import { IconButton } from "./sheet.tsx";
import style from "./upload-list.css?inline";

addStyle(style);

/** A file that was refused for what it is will be refused again. */
const canRetry = ({ code }: Problem): boolean => !code.startsWith("files.");

function UploadRow({ upload }: { readonly upload: Upload }) {
  const { chat, phrases, locale } = useUi();
  const { problem } = upload;
  return (
    <li class="upload" data-failed={problem !== undefined}>
      <Icon name={problem !== undefined ? "alert" : upload.kind === "image" ? "image" : "file"} />
      <span class="file-words">
        <bdi>{upload.name}</bdi>
        <small role={problem === undefined ? undefined : "alert"}>
          {problem === undefined ? formatBytes(locale, upload.bytes) : toProblemText(problem, phrases)}
        </small>
        {problem === undefined && <progress aria-label={`${phrases.uploading}: ${upload.name}`} />}
      </span>
      {problem !== undefined && canRetry(problem) && (
        <button type="button" class="link" onClick={() => chat.retry(upload.key)}>
          {phrases.retry}
        </button>
      )}
      <IconButton
        icon="close"
        label={`${problem === undefined ? phrases.cancel : phrases.remove}: ${upload.name}`}
        onClick={() => chat.dismissUpload(upload.key)}
      />
    </li>
  );
}

/** The list above the composer. */
export function Uploads({ uploads }: { readonly uploads: readonly Upload[] }) {
  return (
    <ul class="uploads">
      {uploads.map((upload) => (
        <UploadRow key={upload.key} upload={upload} />
      ))}
    </ul>
  );
}
