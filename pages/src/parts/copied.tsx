import { useState } from "preact/hooks";
import { t } from "../words/language";

/** A text to be typed elsewhere, with a button that copies it. */
export function Copied({ text }: { text: string }) {
  const [isCopied, setIsCopied] = useState(false);
  const copy = () => {
    // Where a browser has no clipboard for us, the text is there to be marked.
    navigator.clipboard?.writeText(text).then(() => setIsCopied(true), () => setIsCopied(false));
  };
  return (
    <span class="copied">
      <code>{text}</code>
      <button type="button" class="link" onClick={copy} aria-label={t(`复制 ${text}`, `Copy ${text}`)}>{t("复制", "copy")}</button>{" "}
      <span role="status">{isCopied && t("已复制", "copied")}</span>
    </span>
  );
}
