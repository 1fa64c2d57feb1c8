// The materials of a draft: photos and files, each shown as it was sent.
import { useState } from "preact/hooks";
import { answered, api, ifMatch, problemOf } from "../api/client";
import type { DraftMaterial, Sent } from "../api/shapes";
import { useDeed } from "../api/use";
import { Button, Field, Input, Note, Select, Trouble, placeId } from "../parts/basics";
import { ready, Unusable } from "../parts/photo";
import { put } from "../parts/upload";
import { KeptFile } from "../parts/kept-file";
import type { Problem } from "../api/problem";
import type { Place } from "./draft-fields";
import { t } from "../words/language";
import { materialKinds, materialWords } from "../words/terms";
import { day } from "../words/time";

interface Props {
  order: string;
  version: () => number;
  materials: DraftMaterial[];
  within: (pointer: string) => Place;
  /** The draft changed on the service's side: at which version it stands now. */
  onTaken: (version: number) => Promise<void>;
  onRemove: (material: string) => void;
  /** Sends what is typed first, so that nothing of it is lost to the new version. */
  save: () => Promise<boolean>;
  /** Reads the draft as another window left it. */
  again: () => Promise<void>;
}

export function Materials({ order, version, materials, within, onTaken, onRemove, save, again }: Props) {
  const [kind, setKind] = useState("subject-certificate");
  const [until, setUntil] = useState("");
  const [problem, setProblem] = useState("");
  const announcing = useDeed(`announce ${order}`);
  const taking = useDeed(`take ${order}`);
  const [isPreparing, setIsPreparing] = useState(false);
  const add = async (file: File | undefined) => {
    if (!file) return;
    setProblem("");
    setIsPreparing(true);
    try {
      if (!(await save())) {
        setProblem(t("还没有上传：填写的内容没有保存成功。请看页首的提示，保存后再选择文件。", "Not sent: what you typed was not saved. See the top of the page, and choose the file again once it is."));
        return;
      }
      const { blob, mediaType, sha256 } = await ready(file);
      const body = { kind: kind as Sent<"MaterialKind">, mediaType, bytes: blob.size, sha256, ...(until && { validUntil: until }) };
      const announced = await announcing.run(body, (key) => answered(api.POST("/orders/{order}/materials",
        { params: { path: { order }, header: { "Idempotency-Key": key } }, body })));
      if (!announced) return;
      const { material, link } = announced.body;
      await put(link, blob);
      // What was typed while it went up is saved first: the file is taken in at the version that stands.
      if (!(await save())) {
        setProblem(t("还没有上传：填写的内容没有保存成功。请看页首的提示，保存后再选择文件。", "Not sent: what you typed was not saved. See the top of the page, and choose the file again once it is."));
        return;
      }
      const taken = await taking.run([material, version()], (key) => answered(api.POST("/orders/{order}/materials/{material}/confirmation",
        { params: { path: { order, material }, header: { "Idempotency-Key": key, "If-Match": ifMatch(version()) } } })));
      if (!taken) return;
      setUntil("");
      await onTaken(taken.body.version);
    } catch (thrown) {
      setProblem(thrown instanceof Unusable ? thrown.message : t("上传没有完成，请再试一次。", "The upload did not go through; try again."));
    } finally {
      setIsPreparing(false);
    }
  };
  return (
    <>
      <ul class="cards">
        {materials.map((material, at) => (
          <li key={material.id} id={placeId(`/materials/${at}`)}>
            <p><strong>{materialWords(material.kind)}</strong>{material.validUntil && ` · ${t("有效期至", "valid until")} ${day(material.validUntil)}`}</p>
            <p class="quiet">{material.custody.custody === "paper" ? t(`纸质，存放于${material.custody.shelfMark ?? ""}`, `on paper, at ${material.custody.shelfMark ?? ""}`) : t("已上传", "uploaded")}</p>
            {within(`/materials/${at}`).violations.map((violation) => <Note key={violation.rule} kind="bad">{violation.text}</Note>)}
            <p>
              {material.custody.custody === "stored" && <See order={order} material={material.id} />}{" "}
              <Button kind="plain" onClick={() => onRemove(material.id)}>{t("移除", "Remove")}</Button>
            </p>
          </li>
        ))}
      </ul>
      {within("/materials").violations.filter(({ field }) => field === "/materials").map((violation) => <Note key={violation.rule + violation.text} kind="warning">{violation.text}</Note>)}
      <fieldset id={placeId("/materials")}>
        <legend>{t("添加材料", "Add a material")}</legend>
        <Select label={t("这是什么", "What it is")} value={kind} onInput={(next) => {
          setKind(next);
          setUntil("");
        }} options={materialKinds()} />
        <Input label={t("证件有效期至（长期的不填）", "Valid until; empty where it has no end")} type="date" value={until} onInput={setUntil} />
        <Field label={t("拍照或选择文件", "Take a photo, or choose a file")}
          hint={t("大照片会先在您的设备上压缩；HEIC会转为JPG，照片里的位置信息不会上传。", "Large photos are shrunk on your device, HEIC becomes JPEG, and where it was taken is not sent.")}>
          {(attributes) => <input {...attributes} type="file" accept="image/*,.heic,.heif,application/pdf" disabled={isPreparing}
            onChange={(event) => {
              const input = event.currentTarget;
              void add(input.files?.[0]).then(() => (input.value = ""));
            }} />}
        </Field>
        {isPreparing && <p role="status">{t("正在处理并上传…", "Preparing and sending…")}</p>}
        {problem && <Note kind="bad">{problem}</Note>}
        <Trouble problem={announcing.problem ?? taking.problem} side="filers" again={() => void again()} />
      </fieldset>
    </>
  );
}

/** The file as it is kept. */
function See({ order, material }: { order: string; material: string }) {
  const [url, setUrl] = useState("");
  const [isOpen, setIsOpen] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const show = async () => {
    setIsOpen(!isOpen);
    if (isOpen) return;
    try {
      const found = await answered(api.GET("/orders/{order}/materials/{material}", { params: { path: { order, material } } }));
      setUrl((found.body).url);
      setProblem(null);
    } catch (thrown) {
      setProblem(problemOf(thrown));
    }
  };
  return (
    <>
      <Button kind="plain" onClick={() => void show()}>{isOpen ? t("收起", "Fold") : t("查看", "See it")}</Button>
      <Trouble problem={problem} side="filers" />
      {isOpen && url && <KeptFile url={url} />}
    </>
  );
}
