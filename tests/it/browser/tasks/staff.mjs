// Staff: finding, reviewing, calling, deciding.
import { strict as assert } from "node:assert";

const OPEN = { phone: "late14.cn", desk: "late15.cn" };
const STOPPED = { phone: "shared.cn", desk: "material.cn" };

async function find(person, text) {
  await person.field("备案号、域名").fill(text);
  await person.button("查找").click();
}

/** At the open case of a domain, by searching. */
async function atCase(person, domain) {
  await person.goto("/pages/staff/search");
  await person.signIn("审核员 · Reviewer");
  await find(person, domain);
  await person.page.getByRole("link", { name: "进行中的核查" }).first().click();
  await person.heading("核查编号").waitFor();
}

export const tasks = {
  "a filing is found by whatever is at hand": async (person, house) => {
    const { number, domain, mobile, caseNumber } = house.told.sought;
    await person.goto("/pages/staff/search");
    await person.heading("请先登录").waitFor();
    await person.signIn("审核员 · Reviewer");
    for (const text of [number, domain, `https://www.${domain}/a`, mobile, caseNumber, "示例公司"]) {
      await find(person, text);
      await person.page.locator("ul.cards li", { hasText: domain }).first().waitFor();
    }
    await find(person, "没有这个单位");
    await person.sees("没有找到");
    await find(person, domain);
    await person.looksWell("staff-search");
    await person.page.locator("ul.cards h2 a").first().click();
    await person.heading("历史").waitFor();
    await person.sees("历史链完整");
    await person.looksWell("staff-filing");
    // Masked until a reason is given.
    assert.equal(await person.page.getByText("11010519491231002X").count(), 0);
    await person.unfold("查看完整个人信息");
    await person.field("理由").fill("核对负责人身份");
    await person.button("查看").first().click();
    await person.sees("11010519491231002X");
    await person.looksWell("staff-revealed");
  },

  "two reviewers at one browser each stay who they are": async (person) => {
    await person.goto("/pages/staff");
    await person.signIn("审核员 · Reviewer");
    await person.sees("reviewer-1");
    const first = person.page;
    await person.tab();
    await person.goto("/pages/staff/search");
    // Another window knows who is signed in: this one asks nothing.
    await person.sees("reviewer-1");
    await person.button("换人登录").click();
    await person.page.getByRole("button", { name: "审核员（第二人）· Second reviewer" }).click();
    await person.sees("reviewer-2");
    await first.reload();
    await first.getByText("reviewer-1").first().waitFor();
    // Whoever signs out ends nobody else.
    await person.button("退出").click();
    await person.heading("ICP备案核查").waitFor();
    await person.goto("/pages/staff");
    await person.heading("请先登录").waitFor();
    await first.reload();
    await first.getByText("reviewer-1").first().waitFor();
    await first.close();
  },

  "an order is reviewed beside its materials, and taken through the bureau": async (person, house) => {
    const { domain, number } = house.told.drafts[person.screen];
    await person.goto("/pages/staff");
    await person.signIn("审核员 · Reviewer");
    await person.heading("工作台").waitFor();
    await person.page.locator("ul.cards li").first().waitFor();
    await person.looksWell("staff-work");
    await person.page.locator("ul.cards li", { hasText: domain }).getByRole("link").first().click();
    await person.heading("材料").waitFor();
    await person.page.getByRole("button", { name: "查看（会留下记录）" }).first().click();
    await person.page.locator("img.material").first().waitFor();
    await person.looksWell("staff-order");
    await person.button("通过").dblclick();
    await person.button("已提交管局").click();
    await person.button("已全部核验").click();
    await person.field("主体备案号").fill("京ICP备");
    person.expected.push(/4\d\d/);
    await person.button("录入管局通过").click();
    await person.page.locator(".note.bad").waitFor();
    await person.field("主体备案号").fill(number);
    await person.field("“示例网站”的备案号").fill(`${number}-1`);
    await person.looksWell("staff-approval");
    await person.button("录入管局通过").click();
    await person.sees("已通过");
  },

  "a call is logged in two clicks": async (person) => {
    await atCase(person, OPEN[person.screen]);
    await person.page.getByLabel("无人接听").check();
    await person.button("记录").click();
    await person.heading("通话记录").waitFor();
    await person.sees("reviewer-1");
    await person.looksWell("staff-case");
  },

  "an appeal is decided with its reason": async (person) => {
    await atCase(person, OPEN[person.screen]);
    await person.field("理由（备案人会看到）").fill("截图中没有备案号");
    await person.button("申诉不成立").dblclick();
    await person.button("确定：申诉不成立").dblclick();
    await person.sees("→ 不成立：截图中没有备案号");
  },

  "the bureau's answer to a report is recorded": {
    screens: ["desk"],
    run: async (person) => {
      await person.goto("/pages/staff/search");
      await person.signIn("审核员 · Reviewer");
      await find(person, "gone.cn");
      await person.page.locator("main").getByRole("link", { name: /核查$/ }).first().click();
      await person.field("理由（备案人会看到）").fill("管局系统中已取消接入");
      await person.button("管局已登记取消接入").click();
      await person.button("确定：管局已登记取消接入").dblclick();
      await person.page.getByRole("heading", { name: "管局对取消接入的答复" }).waitFor({ state: "detached" });
      await person.passes(1);
      await person.sees("接入已取消");
    },
  },

  "an objection is upheld, and access is given back": async (person) => {
    await person.goto("/pages/staff?kind=case-staff");
    await person.signIn("审核员 · Reviewer");
    await person.page.locator("ul.cards li", { hasText: "有异议或恢复接入的申请待决定" }).first().waitFor();
    await person.looksWell("staff-queue");
    await person.goto("/pages/staff/search");
    await find(person, STOPPED[person.screen]);
    await person.page.getByRole("link", { name: /停止接入的核查|主体的核查/ }).first().click();
    await person.field("理由（备案人会看到）").fill("材料在管局系统中有效");
    await person.button("异议成立，恢复接入").click();
    await person.button("确定：异议成立，恢复接入").click();
    await person.passes(1);
    await person.sees("异议成立，已恢复接入");
  },
};
