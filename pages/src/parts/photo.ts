// A photo as it is sent: HEIC made JPEG, a phone's 12 megapixels made a legible page, and where it was taken left out.
import { t } from "../words/language";

/** Longer edges are shrunk to this: small print of an A4 page stays legible (about 220 dots an inch). */
const LONGEST_EDGE = 2600;
/** The most that the service takes. Source: `materials.mostMegabytes`. */
const MOST_BYTES = 12 * 1024 * 1024;
const QUALITY = 0.88;

export interface Ready {
  blob: Blob;
  mediaType: "image/jpeg" | "image/png" | "application/pdf";
  sha256: string;
}

/** Why a file cannot be sent, in words for its filer. */
export class Unusable extends Error {}

export async function ready(file: File): Promise<Ready> {
  const kind = await kindOf(file);
  if (kind === "unknown") throw new Unusable(t("请选择照片（JPG、PNG、HEIC）或PDF文件。", "Choose a photo (JPG, PNG, HEIC) or a PDF."));
  const blob = kind === "pdf" ? file : await shrunk(file, kind);
  if (MOST_BYTES < blob.size) throw new Unusable(t("文件超过12 MB，请压缩后再试。", "The file is larger than 12 MB."));
  const mediaType = kind === "pdf" ? "application/pdf" : "image/jpeg";
  return { blob, mediaType, sha256: await sha256(blob) };
}

/** By the file's first bytes: names and types are often wrong on phones. */
async function kindOf(file: File): Promise<"jpeg" | "png" | "heic" | "pdf" | "unknown"> {
  const head = new Uint8Array(await file.slice(0, 32).arrayBuffer());
  const text = String.fromCharCode(...head);
  if (head[0] === 0xff && head[1] === 0xd8) return "jpeg";
  if (text.startsWith("\x89PNG")) return "png";
  if (text.startsWith("%PDF")) return "pdf";
  if (text.slice(4, 8) === "ftyp" && /heic|heix|hevc|heim|heis|mif1|msf1/.test(text.slice(8))) return "heic";
  return "unknown";
}

async function shrunk(file: File, kind: "jpeg" | "png" | "heic"): Promise<Blob> {
  const picture = await decoded(file, kind);
  const scale = Math.min(1, LONGEST_EDGE / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  const drawing = canvas.getContext("2d");
  if (!drawing) throw new Unusable(t("浏览器无法处理图片。", "This browser cannot draw."));
  drawing.fillStyle = "#fff";
  drawing.fillRect(0, 0, canvas.width, canvas.height);
  drawing.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  return new Promise((done, failed) => canvas.toBlob((blob) => blob ? done(blob)
    : failed(new Unusable(t("图片无法转换。", "The photo could not be converted."))), "image/jpeg", QUALITY));
}

async function decoded(file: File, kind: "jpeg" | "png" | "heic"): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(file);
  } catch (error) {
    if (kind !== "heic") throw new Unusable(t("图片打不开，可能已损坏。", "The photo does not open; it may be damaged."), { cause: error });
  }
  // Only Safari reads HEIC by itself; the decoder is large, and loaded by those alone who need it.
  try {
    const { heicTo } = await import("heic-to/csp");
    return await heicTo({ blob: file, type: "bitmap" });
  } catch (error) {
    throw new Unusable(t("HEIC照片打不开，请在手机设置中改用“兼容性最佳”格式后重拍。", "The HEIC photo does not open; take it again as JPEG."), { cause: error });
  }
}

async function sha256(blob: Blob): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", await blob.arrayBuffer());
  return btoa(String.fromCharCode(...new Uint8Array(digest)));
}
