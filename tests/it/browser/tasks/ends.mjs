// How what was begun before ends: mended sites are seen, and those that were not are stopped.
import { strict as assert } from "node:assert";

const MENDED = { phone: "account-1", desk: "account-2" };

export const tasks = {
  "a site that was mended is looked at again at once": async (person, house) => {
    const { domain, mended } = house.told.spoiled[person.screen];
    await person.goto("/pages/cases");
    await person.signIn(MENDED[person.screen]);
    await person.page.locator("ul.cards h2 a").first().click();
    await person.heading("网站首页未标明备案号").waitFor();
    await person.looksWell("case-of-campaign");
    await house.world({ show: [`www.${domain}`, mended] });
    await person.button("申请复查").dblclick();
    await person.sees("本次核查已办结");
    await person.sees("已整改合格");
    await person.looksWell("case-closed");
  },

  "what was not mended is released by an operator and stopped": async (person) => {
    await person.goto("/pages/operations/condemned");
    await person.signIn("运营人员 · Operator");
    for (let days = 0; days < 20; days += 1) {
      if (await person.page.locator("ul.cards > li").count()) break;
      await person.passes(24);
      await person.page.locator("ul.cards").waitFor({ state: "attached" });
    }
    await person.page.locator("ul.cards > li").first().waitFor();
    await person.looksWell("condemned");
    await person.page.getByLabel("同意停止这一项").first().check();
    await person.button("同意停止所选1项").dblclick();
    await person.sees("已同意停止1项");
    await person.passes(72);
    await person.goto("/pages/operations");
    await person.sees("现在：人工放行");
    assert.equal(await person.page.locator(".tiles li", { hasText: "近24小时停止" }).count(), 1);
  },
};
