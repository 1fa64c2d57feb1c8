// Does the tasks of a person one after another, on both screens, and says which did not go: one JSON on stdout.
//
// What it is told comes as JSON on stdin: where its packages are, the browser, the addresses of the deployment, and what
// there is to be found in it.
import { readFileSync } from "node:fs";
import { House, SCREENS } from "./person.mjs";

const told = JSON.parse(readFileSync(0, "utf8"));
const house = new House(told);
const failed = {};
let done = 0;
await house.open();
try {
  for (const module of told.tasks) {
    const { tasks } = await import(`./tasks/${module}.mjs`);
    for (const [name, task] of Object.entries(tasks)) {
      for (const screen of task.screens ?? Object.keys(SCREENS)) {
        const person = await house.person(screen, task.context);
        try {
          await person.tab();
          await (task.run ?? task)(person, house);
          await person.leaves();
          done += 1;
        } catch (error) {
          const path = `${told.folder}/failed-${name.replaceAll(" ", "-").slice(0, 40)}-${screen}.png`;
          await person.page.screenshot({ path, fullPage: true }).catch(() => {});
          const shown = await person.page.locator("main").innerText({ timeout: 1000 }).catch(() => "");
          failed[`${name}, ${screen}`] = `${error.stack ?? error}\nfaults: ${JSON.stringify(person.faults)}\n${person.page.url()}\n${shown.slice(0, 1500)}`;
          await person.context.close().catch(() => {});
        }
      }
    }
  }
} finally {
  await house.close();
}
console.log(JSON.stringify({ done, failed }));
