// A file's way by a presigned link: this request and no other.
import type { FileLink } from "../api/shapes";
import { unanswered } from "../api/problem";

export async function put(link: FileLink, blob: Blob): Promise<void> {
  let answer: Response;
  try {
    answer = await fetch(link.url, { method: "PUT", headers: Object.fromEntries(link.headers) as Record<string, string>, body: blob });
  } catch {
    throw unanswered();
  }
  // Whoever uploads the same file again finds it there: that is what was wanted.
  if (!answer.ok && answer.status !== 412) throw unanswered();
}
