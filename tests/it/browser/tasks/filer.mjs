// A filer at the own filings. Each task has a filing of its own on each screen.
import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";

const OPEN = { phone: "account-14", desk: "account-15" };
const HEALTHY = { phone: "account-1", desk: "account-2" };
const STOPPED = { phone: "account-4", desk: "account-5" };
const MOBILES = { "account-1": "13800000001", "account-2": "13800000002" };

/** What a filer answers whose site is filed here alone, and whose data and numbers are as they must be. */
export const LEAST = ["列出本网站", "已满两个工作日", "没有处于审核中的订单", "查过所有曾用接入商，都没有", "只有本网站", "显示本主体，或没有结果", "接入正常", "全部一致", "收到并由本人回复", "是", "没有", "全部满足"];

/** Signed in, at the account's one open case. */
async function atCase(person, account) {
  await person.goto("/pages/cases");
  await person.signIn(account);
  await person.page.locator("ul.cards h2 a").first().click();
  await person.heading("核查编号").waitFor();
  await person.page.locator("h2").nth(0).waitFor();
}

export const tasks = {
  "my filings say in one sentence how each stands": async (person) => {
    await person.goto("/pages/filings");
    await person.heading("请先登录").waitFor();
    await person.looksWell("sign-in");
    await person.signIn(HEALTHY[person.screen]);
    await person.sees("备案正常；负责人号码的核验有效期至2027年3月2日");
    await person.looksWell("filings-healthy");
    await person.page.locator("ul.cards h2 a").first().click();
    await person.heading("办理记录").waitFor();
    await person.sees("管局审核通过");
    await person.looksWell("filing");
  },

  "a case shows what was seen, so that it is believed": async (person, house) => {
    await person.goto("/pages/filings");
    await person.signIn(OPEN[person.screen]);
    await person.sees(/您必须在2026年4月\d+日星期. 24:00（北京时间）前整改/);
    await person.looksWell("filings");
    await person.page.getByRole("link", { name: "查看原因和办法" }).first().click();
    await person.heading("网站首页未标明备案号").waitFor();
    await person.sees("没有找到");
    await person.sees("欢迎访问示例网站");
    await person.sees(/京ICP备20260000\d\d号-1/);
    await person.looksWell("case");
    const pdf = await person.page.pdf({ path: `${house.told.folder}/case-${person.screen}.pdf`, format: "A4" });
    assert(20_000 < pdf.length, "the printed case has its evidence");
    await person.button("English").click();
    await person.sees("You must put this right by");
    await person.sees(/Wednesday|Monday|Tuesday|Thursday|Friday/);
    await person.looksWell("case-english");
  },

  "the one extension is taken once, however often it is clicked": async (person) => {
    await atCase(person, OPEN[person.screen]);
    await person.unfold("来不及改：延期");
    await person.field("延长几天").fill("99");
    await person.field("原因").fill("网页由外包公司维护");
    person.expected.push(/400/);
    await person.button("延期").click();
    await person.page.locator(".violations", { hasText: "延期须为1至15天" }).waitFor();
    await person.field("延长几天").fill("3");
    await person.button("延期").dblclick();
    await person.sees("3天");
    await person.page.getByText("来不及改：延期").waitFor({ state: "detached" });
  },

  "an appeal survives a lost network, a reload and a lost session": async (person, house) => {
    await atCase(person, OPEN[person.screen]);
    await person.unfold("不认同：申诉");
    await person.field("为什么不认同").fill("页脚确有备案号，请查看截图");
    person.expected.push(/ERR_INTERNET_DISCONNECTED|Failed to load resource|401/);
    await person.context.setOffline(true);
    await person.button("提交申诉").click();
    await person.sees("网络没有响应");
    await person.context.setOffline(false);
    await person.page.reload();
    await person.unfold("不认同：申诉");
    assert.equal(await person.field("为什么不认同").inputValue(), "页脚确有备案号，请查看截图");
    // The token is over: 12 hours. The issuer knows the person still.
    await house.local("clock", { advance: "13h" });
    await person.button("提交申诉").click();
    await person.signAgain();
    await person.heading("核查编号").waitFor();
    await person.unfold("不认同：申诉");
    assert.equal(await person.field("为什么不认同").inputValue(), "页脚确有备案号，请查看截图");
    // A slow network, and an impatient person.
    await person.page.route("**/appeals", async (route) => {
      await new Promise((done) => setTimeout(done, 400));
      await route.continue();
    });
    await person.button("提交申诉").dblclick();
    await person.sees("正在处理，两个工作日内答复");
    assert.equal(await person.page.getByText("页脚确有备案号，请查看截图").count(), 1, "it appealed once");
    await person.sees("整改期暂停计算");
    await person.looksWell("case-appealed");
  },

  "every principal proves the own number": async (person, house) => {
    const account = HEALTHY[person.screen];
    await person.goto("/pages/filings");
    await person.signIn(account);
    await person.page.locator("ul.cards h2 a").first().click();
    await person.page.getByRole("button", { name: /发送验证码/ }).first().click();
    await person.field("短信验证码").waitFor();
    await person.looksWell("verify");
    person.expected.push(/422/);
    await person.field("短信验证码").fill("000001");
    await person.button("核验").click();
    await person.page.locator(".note.bad").waitFor();
    await person.typesCode(MOBILES[account]);
    await person.button("核验").click();
    await person.sees("所有负责人的号码都已核验");
  },

  "a filing looks at itself by every rule": async (person) => {
    await person.goto("/pages/filings");
    await person.signIn(HEALTHY[person.screen]);
    await person.page.locator("ul.cards h2 a").first().click();
    await person.button("开始自查").click();
    await person.sees(/合格\d+项/);
    await person.looksWell("self-check");
  },

  "access that was stopped: an objection, and the steps back": async (person) => {
    await atCase(person, STOPPED[person.screen]);
    await person.sees("网站已被停止接入");
    await person.unfold("申请恢复接入，或提出异议");
    assert(await person.button("申请恢复").isDisabled(), "nothing is said yet");
    await person.page.getByLabel("停止接入是错的").check();
    await person.field("为什么是错的").fill("材料在管局系统中是有效的");
    await person.button("提出异议").dblclick();
    await person.sees("您的异议正在处理");
    await person.looksWell("case-stopped");
    await person.page.getByRole("link", { name: /查看恢复/ }).first().click();
    await person.heading("恢复接入的稳妥办法").waitFor();
    // What was stopped and not reported stands on the record: nothing is looked up, and nothing filed anew.
    await person.heading("备案信息哪些项目与实际不一致").waitFor();
    await person.page.getByRole("radio", { name: "全部一致" }).check();
    await person.button("下一步").click();
    await person.sees("不要注销，也不需要重新备案");
    await person.page.reload();
    await person.sees("全部一致");
    await person.looksWell("way-back-own");
  },

  "a site that is no longer used is given up with the least loss": async (person) => {
    await atCase(person, OPEN[person.screen]);
    await person.unfold("网站不再使用，或主体已注销");
    await person.page.getByLabel("网站不再使用").check();
    await person.button("查看损失最小的办法").click();
    await person.sees("您看到的是：");
    await person.looksWell("give-up");
    await person.answers(LEAST, "ol.steps, ol.progress");
    await person.looksWell("give-up-answered");
  },

  "how I am told is said and masked": async (person) => {
    await person.goto("/pages/contact");
    await person.signIn(HEALTHY[person.screen]);
    await person.field("手机号").fill("13900000001");
    await person.field("邮箱").fill("not an address");
    person.expected.push(/400/);
    await person.button("保存").click();
    await person.page.locator(".violations").waitFor();
    await person.field("邮箱").fill("holder@example.cn");
    await person.button("保存").click();
    await person.sees("139****0001");
    await person.looksWell("contact");
  },

  "signing out leaves nothing in the browser": async (person) => {
    await atCase(person, OPEN[person.screen]);
    await person.unfold("网站不再使用");
    await person.page.getByRole("radio", { name: "主办单位已注销" }).check();
    const kept = () => Object.entries(sessionStorage).filter(([key, value]) => key.startsWith("icp-") && value !== "").length;
    const held = () => person.page.evaluate(kept);
    assert(0 < await held());
    // What ends here ends in every other window.
    const first = person.page;
    const second = await person.tab();
    await person.goto("/pages/cases");
    await person.heading("待整改").waitFor();
    await person.button("退出").waitFor();
    person.page = first;
    await person.button("退出").click();
    await person.heading("ICP备案核查").waitFor();
    assert.equal(await held(), 0);
    await second.getByRole("heading", { name: "请先登录" }).waitFor();
    assert.equal(await second.evaluate(kept), 0);
    await second.close();
    // Whoever steps back finds nothing of the person either, whatever the browser kept.
    await person.page.goBack();
    await person.page.waitForFunction(() => document.querySelector("h1") && !document.body.innerText.includes("读取中…"));
    assert(!(await person.page.locator("main").innerText()).includes("核查编号"));
    await person.goto("/pages/filings");
    await person.heading("请先登录").waitFor();
    // The issuer has forgotten the person too: it asks.
    await person.button("登录").click();
    await person.page.locator("input[name=account]").waitFor();
  },

  "a first filing is written in two windows, with photos, and sent": async (person, house) => {
    const account = `new-${person.screen}`;
    const subject = house.told.drafts[person.screen];
    await person.goto("/pages/orders");
    await person.signIn(account);
    await person.page.getByLabel(/^首次备案/).check();
    await person.button("开始填写").dblclick();
    await person.heading("主体信息").waitFor();
    // What is not typed yet is told at the end, and is no fault of anybody's.
    await person.page.getByText("处需要修改").waitFor();
    assert.equal(await person.page.locator("[aria-invalid=true]").count(), 0);
    await person.page.getByLabel("所在省份").selectOption("11");
    await person.page.getByLabel("主办单位性质").selectOption("enterprise");
    await person.field("主办单位名称").fill(subject.name);
    await person.page.getByLabel("证件号码", { exact: true }).first().fill("91110108551385082X");
    // What is wrong stands beside its field while one types.
    await person.page.locator("[aria-invalid=true]").first().waitFor();
    await person.looksWell("order-wrong");
    // Whatever is still to be mended leads to its field.
    await person.unfold("处需要修改");
    for (const [name, label] of [["主体 · 证件号码", "证件号码"], ["网站 1 · 域名", "域名（一个）"]]) {
      await person.page.locator("ul.violations a", { hasText: name }).first().click();
      assert.equal(await person.page.evaluate(() => document.activeElement.labels[0].textContent), label);
    }
    await person.page.getByLabel("证件号码", { exact: true }).first().fill(subject.creditCode);
    await person.field("证件住所").fill("北京市海淀区示例路1号");
    await person.field("通信地址").fill("北京市海淀区示例路1号");
    await person.page.getByLabel("姓名", { exact: true }).fill("王小明");
    await person.page.getByLabel("证件号码", { exact: true }).nth(1).fill("11010519491231002X");
    await person.page.getByLabel("手机号码").fill(subject.mobile);
    await person.page.getByLabel("电子邮箱").fill(`wang@${subject.domain}`);
    await person.page.getByLabel("主体负责人").selectOption("p1");
    await person.page.getByLabel("名称", { exact: true }).fill("示例网站");
    await person.page.getByLabel("域名（一个）").fill(subject.domain);
    await person.page.getByLabel("网站负责人").selectOption("p1");
    // Half an address is kept with all else, and told beside its field.
    await person.field("服务器IP地址").fill("203.0.113");
    await person.sees("IP地址须为IPv4或IPv6");
    await person.page.locator(".saving", { hasText: "已保存" }).waitFor();
    await person.field("服务器IP地址").fill("");
    await person.page.locator(".saving", { hasText: "已保存" }).waitFor();
    // A reload and a step back lose nothing.
    await person.page.reload();
    await person.page.locator("legend", { hasText: "王小明" }).waitFor();
    assert.equal(await person.field("通信地址").inputValue(), "北京市海淀区示例路1号");
    await person.field("法定代表人").fill("李");
    await person.page.goBack();
    await person.heading("备案订单").waitFor();
    await person.page.goForward();
    await person.page.locator("legend", { hasText: "王小明" }).waitFor();
    assert.equal(await person.field("法定代表人").inputValue(), "李", "a step back loses nothing");
    await person.page.locator(".saving", { hasText: "已保存" }).waitFor();
    await twoWindows(person);
    await photos(person, house);
    await person.page.getByRole("button", { name: /发送验证码/ }).first().click();
    await person.typesCode(subject.mobile);
    await person.button("核验").click();
    await person.sees("所有负责人的号码都已核验");
    await person.page.getByText("处需要修改").waitFor({ state: "detached" });
    await person.looksWell("order");
    await person.button("提交审核").dblclick();
    await person.sees("我们正在审核");
    await person.sees(subject.domain);
    await person.looksWell("order-sent");
    // Of many orders each is known by its site.
    await person.goto("/pages/orders");
    await person.page.locator("ul.cards li", { hasText: subject.domain }).getByRole("link").first().waitFor();
  },
};

/** The same draft in another window: whoever is second is told, and chooses; nothing is lost. */
async function twoWindows(person) {
  const first = person.page;
  const second = await person.tab();
  await second.goto(first.url());
  // Another window knows who is signed in: this one asks nothing.
  await second.locator("legend", { hasText: "王小明" }).waitFor();
  await person.field("通信地址").fill("北京市海淀区另一窗口路2号");
  await second.locator(".saving", { hasText: "已保存" }).waitFor();
  person.page = first;
  person.expected.push(/412/);
  await person.field("法定代表人").fill("王小明");
  await person.button("保留这里填写的").click();
  await first.locator(".saving", { hasText: "已保存" }).waitFor();
  assert.equal(await person.field("法定代表人").inputValue(), "王小明");
  assert.equal(await person.field("通信地址").inputValue(), "北京市海淀区示例路1号");
  await second.close();
}

/** A HEIC photo, and one of twelve megapixels: both arrive as JPEG of a size that is read on. */
async function photos(person, house) {
  const { page } = person;
  const add = async (kind, file, count) => {
    await page.getByLabel("这是什么").selectOption(kind);
    await page.getByLabel("拍照或选择文件").setInputFiles(file);
    await page.waitForFunction((wanted) => [...document.querySelectorAll(".cards .quiet")].filter((line) => line.textContent === "已上传").length === wanted, count);
  };
  await add("subject-certificate", { name: "IMG_0001.HEIC", mimeType: "image/heic", buffer: readFileSync(house.told.heic) }, 1);
  const large = Buffer.from(await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(4032, 3024);
    const drawing = canvas.getContext("2d");
    for (let at = 0; at < 4000; at += 1) {
      drawing.fillStyle = `hsl(${at % 360} 60% ${at % 100}%)`;
      drawing.fillRect((at * 97) % 4032, (at * 61) % 3024, 90, 70);
    }
    const blob = await canvas.convertToBlob({ type: "image/jpeg", quality: 1 });
    const bytes = new Uint8Array(await blob.arrayBuffer());
    let text = "";
    for (let from = 0; from < bytes.length; from += 32768) text += String.fromCharCode(...bytes.subarray(from, from + 32768));
    return btoa(text);
  }), "base64");
  await add("principal-identity", { name: "photo.jpg", mimeType: "image/jpeg", buffer: large }, 2);
  await add("verification-form", { name: "form.jpg", mimeType: "image/jpeg", buffer: large }, 3);
  // As it is kept: shrunk, and whole.
  await page.getByRole("button", { name: "查看", exact: true }).nth(1).click();
  const kept = page.locator("img.material").first();
  await kept.waitFor();
  const width = await kept.evaluate(async (picture) => {
    await picture.decode();
    return picture.naturalWidth;
  });
  assert.equal(width, 2600);
  await page.getByLabel("拍照或选择文件").setInputFiles({ name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("no photo") });
  await person.sees("请选择照片");
}
