// Without an account.
import { strict as assert } from "node:assert";

export const tasks = {
  "the start leads everywhere, in both languages": async (person) => {
    await person.goto("/");
    await person.looksWell("start");
    for (const door of ["我收到了一条短信或邮件", "网站被停止接入了，怎么恢复", "检测我的网站"]) await person.sees(door);
    await person.button("English").click();
    await person.heading("ICP filing audit").waitFor();
    assert.equal(await person.page.evaluate(() => document.documentElement.lang), "en");
    await person.page.reload();
    await person.heading("ICP filing audit").waitFor();
    await person.button("中文").click();
    await person.heading("ICP备案核查").waitFor();
    // By keyboard alone: past the skip link to the first door.
    await person.page.keyboard.press("Tab");
    await person.goto("/pages/no-such-page");
    await person.heading("没有这个页面").waitFor();
    await person.looksWell("nowhere");
  },

  "a number is proved by case number and code, and what was sent is told": async (person, house) => {
    const { caseNumber, mobile } = house.told.notice;
    await person.goto(`/pages/contact-check?case=${caseNumber}`);
    await person.sees("【示例云】");
    await person.field("收到通知的手机号").fill("138");
    person.expected.push(/400/);
    await person.button("发送验证码").click();
    await person.page.locator(".violations").waitFor();
    await person.field("收到通知的手机号").fill(mobile);
    await person.button("发送验证码").click();
    await person.field("短信验证码").waitFor();
    await person.looksWell("contact-check");
    // A reload loses nothing of what was typed.
    await person.page.reload();
    assert.equal(await person.field("收到通知的手机号").inputValue(), mobile);
    assert.equal(await person.field("通知里的编号").inputValue(), caseNumber);
    person.expected.push(/422/);
    await person.field("短信验证码").fill("000000");
    await person.button("核对").click();
    await person.page.locator(".note.bad").waitFor();
    await person.typesCode(mobile);
    await person.button("核对").click();
    await person.sees("这是我们的通知");
    await person.sees("核查通知");
    await person.looksWell("contact-check-told");
    await person.page.reload();
    await person.sees("这是我们的通知");
    // Of another notice nothing is said that was told of this one.
    await person.goto("/pages/contact-check?case=1234567890");
    await person.field("通知里的编号").waitFor();
    assert.equal(await person.page.getByText("这是我们的通知").count(), 0);
    await person.goto(`/pages/contact-check?case=${caseNumber}`);
    await person.sees("这是我们的通知");
    const [answer, recorded] = { phone: ["先不回答", "没有记录任何内容"], desk: ["是，我就是负责人", "号码已核验"] }[person.screen];
    await person.page.getByLabel(answer).check();
    await person.button("提交回答").dblclick();
    await person.sees(recorded);
    const left = await person.page.evaluate(() => JSON.stringify(sessionStorage));
    assert(!left.includes(mobile), "the number is kept no longer than it is needed");
    await house.local("clock", { advance: "61m" });
  },

  "a site is checked by its domain": async (person, house) => {
    await person.goto("/pages/public-check");
    person.expected.push(/400/);
    await person.field("域名").fill("no domain");
    await person.button("下一步").click();
    await person.page.locator(".violations").waitFor();
    await person.field("域名").fill(house.told.checked[person.screen].domain);
    await person.button("下一步").click();
    await person.sees("TXT");
    await person.looksWell("public-check");
    await person.button("我已添加，开始检测").click();
    await person.sees("未查到该TXT记录");
    const [host, value, name] = await person.page.locator("dd code").allInnerTexts();
    assert.equal(name, `${host}.${house.told.checked[person.screen].domain}`);
    await house.world({ say: [name, value] });
    // Another window, on another day, goes on at the same address.
    const address = person.page.url();
    await person.page.evaluate(() => sessionStorage.clear());
    await person.goto("/");
    await person.page.goto(address);
    await house.local("clock", { advance: "2m" });
    // Each answer takes longer than the page waits between two of them.
    await person.page.route("**/public-checks/*", async (route) => {
      await new Promise((done) => setTimeout(done, 2_500));
      await route.continue();
    });
    await person.button("我已添加，开始检测").click();
    await person.sees("合格");
    await person.page.unroute("**/public-checks/*");
    await person.page.locator(".said").first().waitFor();
    await person.looksWell("public-check-looked");
  },

  "the way back is found by questions and printed": async (person) => {
    await person.goto("/pages/way-back");
    await person.looksWell("way-back-question");
    const answer = async (words) => {
      await person.page.getByRole("radio", { name: words }).first().check();
      await person.button("下一步").click();
    };
    await answer("列出本网站");
    await person.heading("查询时").waitFor();
    // One question a page: the browser's own back takes the last answer back.
    await person.page.goBack();
    await person.heading("工信部现在显示什么").waitFor();
    await answer("列出本网站");
    // Whoever looked too early is told to wait, and asked anew about what they then see.
    await answer("未满");
    await person.sees("按您的回答还得不出步骤");
    await answer("列出本网站");
    await person.heading("查询时").waitFor();
    await answer("已满两个工作日");
    await answer("没有处于审核中的订单");
    await answer("继续使用");
    for (let asked = 0; asked < 14; asked += 1) {
      await person.page.locator("main form input[type=radio], ol.steps").first().waitFor();
      if (await person.heading("办理步骤").count()) break;
      const first = person.page.locator("main form input[type=radio]").first();
      await first.waitFor();
      if (await person.page.getByLabel("填写该字").count()) {
        await person.page.getByLabel("填写该字").check();
        await person.page.getByLabel("备案号的第一个字").selectOption("京");
      } else if (await person.page.getByRole("radio", { name: "接入已取消" }).count()) {
        await person.page.getByRole("radio", { name: "接入已取消" }).check();
      } else {
        await first.check();
      }
      const heading = await person.page.locator("main h2").last().innerText();
      await person.button("下一步").click();
      await person.page.waitForFunction((was) => [...document.querySelectorAll("main h2")].at(-1)?.innerText !== was, heading);
    }
    await person.heading("办理步骤").waitFor();
    assert(0 < await person.page.locator("ol.steps > li").count());
    await person.looksWell("way-back-steps");
    await person.page.emulateMedia({ media: "print" });
    assert.equal(await person.page.locator("header").isVisible(), false, "what is printed is the steps");
    assert.equal(await person.heading("办理步骤").isVisible(), true);
  },
};
