// What is out of the ordinary, and the way on.
import { strict as assert } from "node:assert";

/** Another person at the same screen, with a page of their own. */
async function another(person, house, path, who, does) {
  const other = await house.person(person.screen);
  await other.tab();
  await other.goto(path);
  await other.signIn(who);
  await does(other);
  await other.leaves();
}

export const tasks = {
  "a number that is locked after wrong codes is unlocked by staff": async (person, house) => {
    const { account, subject, mobile } = house.told.locked[person.screen];
    await person.goto(`/pages/filings/${subject}`);
    await person.signIn(account);
    const send = person.page.getByRole("button", { name: /发送验证码$/ });
    const field = person.field("短信验证码");
    person.expected.push(/422/);
    // A code is compared with five inputs.
    for (let codes = 0; codes < 2; codes += 1) {
      await send.first().click();
      await field.waitFor();
      const wrong = (await house.code(mobile)) === "000000" ? "000001" : "000000";
      for (let tries = 0; tries < 5; tries += 1) {
        const answer = person.page.waitForResponse((one) => one.url().endsWith("/confirmations"));
        await field.fill(wrong);
        await person.button("核验").click();
        assert.equal((await answer).status(), 422);
      }
      await person.passes(1);
    }
    await person.sees("已锁定");
    assert.equal(await send.count(), 0, "no code is sent to a number that is locked");
    await person.looksWell("number-locked");
    await another(person, house, `/pages/staff/filings/${subject}`, "审核员 · Reviewer", async (staff) => {
      await staff.sees("已锁定");
      await staff.unfold("解除核验锁定");
      await staff.page.locator("details", { hasText: "解除核验锁定" }).first().getByLabel("理由").fill("来电核实为负责人本人");
      await staff.looksWell("staff-unlock");
      await staff.button("解除锁定").dblclick();
      await staff.page.getByText("已锁定").waitFor({ state: "detached" });
    });
    await person.passes(1);
    await send.first().click();
    await person.typesCode(mobile);
    await person.button("核验").click();
    await person.sees("所有负责人的号码都已核验");
  },

  "of an order whose SMS check is presumed to have failed, the filer is told to wait and staff record the answer": async (person, house) => {
    const { account, order } = house.told.submitted[person.screen];
    await person.goto(`/pages/staff/orders/${order}`);
    await person.signIn("审核员 · Reviewer");
    await person.button("通过").click();
    await person.button("已提交管局").click();
    await person.button("已全部核验").waitFor();
    await person.passes(30);
    await person.heading("管局短信核验").waitFor();
    await person.button("录入管局通过").waitFor();
    await person.looksWell("staff-presumed");
    await another(person, house, `/pages/orders/${order}`, account, async (filer) => {
      await filer.sees("短信核验时限已过，待管局确认");
      assert.equal(await filer.page.locator(".note.bad").count(), 0, "nothing is to be mended");
      await filer.looksWell("order-presumed");
    });
    await person.button("已全部核验").click();
    await person.heading("管局结果").waitFor();
  },

  "a file that is none is refused, and says why": async (person, house) => {
    await person.goto("/pages/operations/imports");
    await person.signIn("运营人员 · Operator");
    await person.field("文件（xlsx").setInputFiles({ name: "base.xlsx", mimeType: "application/octet-stream", buffer: Buffer.from("no table") });
    await house.local("clock", { advance: "1m" });
    await person.button("上传并试运行").click();
    const refused = person.page.locator("ul.cards > li", { hasText: "文件无法读取" }).first();
    await refused.locator(".note.bad").waitFor();
    assert.match(await refused.locator(".note.bad").innerText(), /\S/);
    await person.looksWell("import-refused");
  },

  "a view that does not load says so, and is opened again": async (person) => {
    await person.goto("/pages/filings");
    await person.signIn(`new-${person.screen}`);
    await person.heading("我的备案").waitFor();
    // The network fails, or a release has replaced what this page would load.
    person.expected.push(/ERR_FAILED|dynamically imported module/);
    await person.page.route("**/*.js", (route) => route.abort());
    await person.page.getByRole("link", { name: "通知方式" }).click();
    await person.heading("页面没有打开").waitFor();
    await person.looksWell("not-loaded");
    await person.page.unroute("**/*.js");
    await person.button("重新打开").click();
    await person.heading("通知方式").waitFor();
  },

  "an order is withdrawn by whoever means it": async (person) => {
    await person.goto("/pages/orders");
    await person.signIn(`withdraws-${person.screen}`);
    await person.page.getByLabel(/^首次备案/).check();
    await person.button("开始填写").click();
    await person.heading("主体信息").waitFor();
    // The second press of a key lands where nothing is lost.
    await person.button("撤回订单").focus();
    await person.page.keyboard.press("Enter");
    await person.page.locator("button:focus", { hasText: "先不" }).waitFor();
    await person.page.keyboard.press("Enter");
    await person.button("确定撤回").waitFor({ state: "detached" });
    await person.button("撤回订单").click();
    await person.button("确定撤回").dblclick();
    await person.sees("已撤回");
  },

  "notices that are held are let go by an operator who has looked": async (person) => {
    await person.goto("/pages/operations");
    await person.signIn("运营人员 · Operator");
    const cards = person.page.locator("section", { hasText: "暂缓发出的通知" }).locator("ul.cards > li:has(form)");
    await cards.first().waitFor();
    const before = await cards.count();
    await person.looksWell("held-notices");
    await cards.first().getByLabel("为什么确认无误").fill("逐一看过，确实不在我司");
    await cards.first().getByRole("button", { name: "放行通知" }).dblclick();
    await person.page.waitForFunction((was) => document.querySelectorAll("ul.cards > li:has(form)").length < was, before);
    await person.unfold("已放行的");
    await person.sees("逐一看过，确实不在我司");
  },

  "an address that is not ours stands beside what is filed": async (person, house) => {
    await person.goto("/pages/cases");
    await person.signIn(house.told.held[person.screen]);
    await person.page.locator("ul.cards h2 a").first().click();
    await person.heading("核查编号").waitFor();
    const compared = person.page.locator("table.compared").first();
    await compared.waitFor();
    const cells = await compared.locator("tbody tr").first().locator("td").allInnerTexts();
    assert.equal(cells[0], house.told.elsewhere);
    assert.notEqual(cells[1], house.told.elsewhere);
    assert.match(await person.page.locator(".evidence summary").first().innerText(), /从中国(联通|电信)的网络查看/);
    await person.looksWell("case-of-access");
  },

  "a call that was promised and not made is said to both sides, and made": async (person, house) => {
    await person.goto("/pages/cases");
    await person.signIn(house.told.held[person.screen]);
    await person.page.locator("ul.cards h2 a").first().click();
    await person.heading("核查编号").waitFor();
    await person.unfold("收不到短信");
    // Working days, before and after the holiday of 2026-04-06.
    await person.field("从何时起").fill({ phone: "2026-04-02T10:00", desk: "2026-04-08T10:00" }[person.screen]);
    await person.button("约定").click();
    await person.sees("已约定来电时间");
    const { pathname } = new URL(person.page.url());
    await person.passes(96);
    await person.unfold("收不到短信");
    await person.sees("我们还没有来电");
    await person.looksWell("call-missed");
    await another(person, house, pathname.replace("/pages/", "/pages/staff/"), "审核员 · Reviewer", async (staff) => {
      await staff.sees("约定来电");
      await staff.page.getByLabel("无人接听").check();
      await staff.button("记录").click();
      await staff.page.locator("dt", { hasText: "约定来电" }).waitFor({ state: "detached" });
    });
  },

  "a brake that latched is seen, and its latch taken off": {
    screens: ["desk"],
    run: async (person) => {
      await person.goto("/pages/operations/condemned");
      await person.signIn("运营人员 · Operator");
      for (let days = 0; days < 60; days += 1) {
        if (await person.page.locator("ul.cards > li").count() > 1) break;
        await person.passes(24);
        await person.page.locator("ul.cards").waitFor({ state: "attached" });
      }
      await person.button("全选（2）").click();
      await person.button("同意停止所选2项").click();
      await person.button("确定同意停止2项").dblclick();
      await person.sees("已同意停止2项");
      await person.passes(72);
      await person.sees("锁定");
      await person.goto("/pages/operations");
      await person.sees("因超过上限自动锁定");
      await person.looksWell("latched");
      await person.button("解除锁定").click();
      await person.button("确认无误，解除锁定").dblclick();
      await person.page.getByText("因超过上限自动锁定").waitFor({ state: "detached" });
      await person.sees("现在：人工放行");
    },
  },
};
