// Operators: bases, lists, campaigns, the brake, what is to be stopped, reports.
import { strict as assert } from "node:assert";

export const tasks = {
  "a base is tried, its bad rows are read, and it is brought": async (person, house) => {
    const { file, good } = house.told.bases[person.screen];
    await person.goto("/pages/operations/imports");
    await person.signIn("运营人员 · Operator");
    const choose = () => person.field("文件（xlsx").setInputFiles({ name: "base.csv", mimeType: "text/csv", buffer: Buffer.from(file, "base64") });
    const listed = person.page.locator("ul.cards > li");
    const [trials, brought] = [listed.filter({ hasText: "试运行" }), listed.filter({ hasNotText: "试运行" })];
    await person.sees("导入记录");
    await person.page.waitForFunction(() => !document.body.innerText.includes("读取中…"));
    const [before, tried] = [await brought.count(), await trials.count()];
    await house.local("clock", { advance: "1m" });
    await choose();
    await person.button("上传并试运行").dblclick();
    await trials.nth(tried).waitFor();
    const first = trials.first();
    await first.getByText("已完成").waitFor();
    await first.getByRole("button", { name: "查看有误的行" }).click();
    await first.locator("table").waitFor();
    await person.looksWell("imports");
    await choose();
    await person.page.getByLabel("先试运行").uncheck();
    await house.local("clock", { advance: "1m" });
    await person.button("上传").click();
    await brought.nth(before).waitFor();
    await brought.first().getByText("已完成").waitFor();
    const added = brought.first().locator(".tiles li", { hasText: "新增" });
    await added.waitFor();
    assert.equal((await added.innerText()).replace(/\D/g, ""), String(good));
    assert.equal(await brought.count(), before + 1, "it was brought once");
  },

  "a bureau's list comes in, and its reply goes out": async (person, house) => {
    await person.goto("/pages/operations/bureau-lists");
    await person.signIn("运营人员 · Operator");
    const number = `京通管〔2026〕${person.screen === "phone" ? 7 : 8}号`;
    await person.field("文号").fill(number);
    await person.field("发文日期").fill("2026-04-10");
    await person.field("文件（xlsx").setInputFiles({ name: "list.csv", mimeType: "text/csv", buffer: Buffer.from(house.told.list, "base64") });
    // A trial leaves the form as it is, for the list itself.
    await person.button("上传并试运行").dblclick();
    const listed = person.page.locator("ul.cards > li", { hasText: number });
    await listed.filter({ hasText: "试运行" }).waitFor();
    assert.equal(await person.field("文号").inputValue(), number);
    await person.page.getByLabel("先试运行").uncheck();
    await person.button("上传").click();
    const first = listed.filter({ hasNotText: "试运行" });
    const reply = first.getByRole("link", { name: "下载反馈表" });
    await reply.waitFor();
    await person.looksWell("bureau-lists");
    const table = await (await fetch(await reply.getAttribute("href"))).text();
    assert.match(table, /处理结果/);
    // What takes away for good waits for a second person.
    await person.page.getByLabel("清单类型").selectOption("stop-now");
    await person.sees("由另一名运营人员开始");
  },

  "the brake is one switch": async (person) => {
    await person.goto("/pages/operations");
    await person.signIn("运营人员 · Operator");
    await person.sees("现在：人工放行");
    await person.looksWell("operations");
    await person.button("全部暂停").click();
    await person.button("改为“全部暂停”").dblclick();
    await person.sees("现在：全部暂停");
    await person.page.reload();
    await person.sees("现在：全部暂停");
    await person.button("人工放行").click();
    await person.button("改为“人工放行”").click();
    await person.sees("现在：人工放行");
  },

  "a campaign is begun, previewed, released and watched": async (person, house) => {
    const { domain, page } = house.told.spoiled[person.screen];
    await house.world({ show: [`www.${domain}`, page] });
    await person.goto("/pages/operations/campaigns");
    await person.signIn("运营人员 · Operator");
    await person.field("名称（备案人会看到）").fill(`2026年备案号专项核查（${person.screen}）`);
    await person.page.getByLabel("ICP-501").check();
    await person.looksWell("campaigns");
    await person.button("开始").dblclick();
    await person.heading("进度").waitFor();
    await person.passes(27);
    await person.sees("核查完毕");
    await person.heading("放行预览").waitFor();
    await person.sees("通知的原文");
    await person.looksWell("campaign");
    await person.field("放行理由").fill("样例逐一看过");
    await person.button("放行，开始通知").dblclick();
    await person.passes(30);
    await person.sees("样例逐一看过");
    await person.looksWell("campaign-released");
  },

  "reports are drawn and taken along": async (person) => {
    await person.goto("/pages/operations/reports");
    await person.signIn("运营人员 · Operator");
    await person.sees("次检查");
    await person.page.locator(".bars[role=img]").first().waitFor();
    await person.looksWell("reports");
    const download = person.page.waitForEvent("download");
    await person.button("下载CSV").click();
    assert.match((await download).suggestedFilename(), /^audits-.*\.csv$/);
  },

  "an auditor reads, and changes nothing": async (person) => {
    await person.goto("/pages/operations");
    await person.signIn("审计员 · Auditor");
    await person.sees("现在：人工放行");
    assert.equal(await person.page.getByRole("group", { name: "总控模式" }).count(), 0);
    await person.goto("/pages/filings");
    await person.heading("请先登录").waitFor();
  },
};
