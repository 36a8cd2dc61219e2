// Files on their way up, each with its own fate.

import type { Upload } from "../../client/types.ts";
import { mayPass, toFileProblemText } from "../file-problem-text.ts";
import { formatBytes } from "../format.ts";
import { useUi } from "../ui.ts";
import { Icon } from "./icon.tsx";
import { addStyle } from "./on-demand.tsx";
import { IconButton } from "./sheet.tsx";
import style from "./upload-list.css?inline";

addStyle(style);

function UploadRow({ upload }: { readonly upload: Upload }) {
  const { chat, phrases, locale } = useUi();
  const { problem } = upload;
  return (
    <li class="upload" data-failed={problem !== undefined}>
      <Icon name={problem !== undefined ? "alert" : upload.kind === "image" ? "image" : "file"} />
      <span class="file-words">
        <bdi>{upload.name}</bdi>
        <small role={problem === undefined ? undefined : "alert"}>
          {problem === undefined ? formatBytes(locale, upload.bytes) : toFileProblemText(problem, phrases)}
        </small>
        {problem === undefined && <progress aria-label={`${phrases.uploading}: ${upload.name}`} />}
      </span>
      {problem !== undefined && mayPass(problem) && (
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
