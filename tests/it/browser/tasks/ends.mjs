// How what was begun before ends: mended sites are seen, and those that were not are stopped.
import { strict as assert } from "node:assert";
import { LEAST } from "./filer.mjs";

const MENDED = { phone: "account-1", desk: "account-2" };

export const tasks = {
  "what cannot be undone is confirmed by its filer, and passed by two people": async (person, house) => {
    await person.goto("/pages/orders");
    await person.signIn(`new-${person.screen}`);
    await person.page.getByLabel(/^注销主体/).check();
    await person.button("开始填写").click();
    await person.sees("将永久失去");
    await person.looksWell("deregistration");
    await person.answers(LEAST, "form[aria-label=确认注销], ol.steps");
    const typed = person.page.getByLabel("请输入将失去的备案号");
    await typed.waitFor();
    assert(await person.button("注销，永久失去此备案号").isDisabled(), "nothing goes before the number is typed");
    await typed.fill(house.told.drafts[person.screen].number);
    await person.looksWell("deregistration-confirmed");
    await person.button("注销，永久失去此备案号").dblclick();
    await person.sees("我们正在审核");
    const order = new URL(person.page.url()).pathname.split("/").at(-1);
    for (const [who, then] of [["审核员 · Reviewer", "待第二人"], ["审核员（第二人）· Second reviewer", "待提交管局"]]) {
      const staff = await house.person(person.screen);
      await staff.tab();
      await staff.goto(`/pages/staff/orders/${order}`);
      await staff.signIn(who);
      await staff.heading("初审").waitFor();
      await staff.button("通过").dblclick();
      if (then === "待第二人") await staff.sees("须另一人再通过一次");
      else await staff.sees(then);
      await staff.looksWell(`staff-deregistration-${then === "待第二人" ? "first" : "second"}`);
      await staff.leaves();
    }
  },

  "a site that was mended is looked at again at once": async (person, house) => {
    const { domain, mended } = house.told.spoiled[person.screen];
    await person.goto("/pages/cases");
    await person.signIn(MENDED[person.screen]);
    await person.page.locator("ul.cards h2 a").first().click();
    await person.heading("网站首页未标明备案号").waitFor();
    await person.looksWell("case-of-campaign");
    // Looked at as it is, it stays; the filer is told what was seen.
    await person.button("申请复查").click();
    await person.sees(/复查：仍不合格/);
    await house.world({ show: [`www.${domain}`, mended] });
    await person.button("申请复查").dblclick();
    await person.sees("本次核查已办结");
    await person.sees("已整改合格");
    await person.looksWell("case-closed");
  },

  "what was not mended is released by an operator and stopped": async (person) => {
    await person.goto("/pages/operations/condemned");
    await person.signIn("运营人员 · Operator");
    await person.heading("待停止接入").waitFor();
    const toRelease = person.page.locator("ul.cards > li").filter({ has: person.page.getByLabel("同意停止这一项") }).first();
    await passesUntil(person, async () => await toRelease.count() > 0);
    await person.looksWell("condemned");
    const number = await toRelease.locator("h2 a").innerText();
    const at = await toRelease.locator("h2 a").getAttribute("href");
    // One rule alone is looked at; what is chosen is of it.
    const rule = person.page.getByLabel("只看规则");
    await rule.selectOption({ index: 1 });
    const shown = await rule.locator("option:checked").innerText();
    assert.equal(await person.page.locator("ul.cards > li").count(), Number(/（(\d+)）$/.exec(shown)[1]), shown);
    await toRelease.getByLabel("同意停止这一项").check();
    await person.button("同意停止所选1项").click();
    await person.button("确定同意停止1项").dblclick();
    await person.sees("已同意停止1项");
    // Looks go on until the stop window opens: it is stopped on one of the next working days.
    await passesUntil(person, async () => await person.page.locator("h2 a", { hasText: number }).count() === 0);
    await person.goto(at);
    await person.sees("已停止接入");
    await person.goto("/pages/operations");
    await person.sees("现在：人工放行");
    assert.equal(await person.page.locator(".tiles li", { hasText: "近24小时停止" }).count(), 1);
  },
};

/** Days pass, twenty at most, until the list before the person is as wanted. */
async function passesUntil(person, isSo) {
  for (let days = 0; days < 20; days += 1) {
    await person.page.locator("ul.cards").waitFor({ state: "attached" });
    if (await isSo()) return;
    await person.passes(24);
  }
  assert.fail("twenty days passed in vain");
}
