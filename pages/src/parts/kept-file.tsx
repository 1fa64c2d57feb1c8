// A file as it is kept, shown where it is asked for: links are for saving, so its bytes are read and shown from here.
import { useEffect, useState } from "preact/hooks";
import { Button, Note } from "./basics";
import { t } from "../words/language";

interface Held {
  address: string;
  isPdf: boolean;
}

export function KeptFile({ url }: { url: string }) {
  const [held, setHeld] = useState<Held | null>(null);
  const [tries, setTries] = useState(0);
  const [hasFailed, setHasFailed] = useState(false);
  useEffect(() => {
    let address = "";
    setHasFailed(false);
    const read = async () => {
      const answer = await fetch(url);
      if (!answer.ok) throw new Error(String(answer.status));
      const blob = await answer.blob();
      address = URL.createObjectURL(blob);
      setHeld({ address, isPdf: blob.type === "application/pdf" });
    };
    read().catch(() => setHasFailed(true));
    return () => URL.revokeObjectURL(address);
  }, [url, tries]);
  if (hasFailed) return <Note kind="bad">{t("没有读到文件；链接15分钟有效。", "The file was not read; its link is good for 15 minutes.")} <Button kind="plain" onClick={() => setTries(tries + 1)}>{t("再试一次", "Try again")}</Button></Note>;
  if (!held) return <p role="status">{t("读取中…", "Reading…")}</p>;
  return held.isPdf ? <iframe class="material" src={held.address} title={t("材料", "the material")} /> : <img class="material" src={held.address} alt={t("材料", "the material")} />;
}
