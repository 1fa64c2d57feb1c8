// What somebody with a phone in hand and an alarming text wants first.
import { View } from "../parts/basics";
import { t } from "../words/language";

export default function Start() {
  const doors = [
    ["/pages/contact-check", t("我收到了一条短信或邮件", "I got a text or a mail"),
      t("用通知里的编号和您的手机号，核对是不是我们发的，并完成号码核验。不需要账号。",
        "With the case number in it and your own number, see whether it is ours, and prove your number. No account needed.")],
    ["/pages/filings", t("查看我的备案和整改期限", "My filings and their deadlines"),
      t("登录后查看：哪里不合格、怎么改、最晚到哪天。", "Signed in: what is wrong, how to put it right, until when.")],
    ["/pages/way-back", t("网站被停止接入了，怎么恢复", "Access was stopped: the way back"),
      t("回答几个问题，得到唯一稳妥的办理步骤，避免误注销备案号。", "A few questions, then the one safe order of steps, so that no filing number is lost.")],
    ["/pages/public-check", t("检测我的网站", "Check my site"),
      t("不需要账号：验证域名后，逐项说明哪里会不合格。", "No account needed: prove the domain, and see what an audit would say.")],
  ] as const;
  return (
    <View title={t("ICP备案核查", "ICP filing audit")}
      lead={t("网站备案信息须真实有效。这里可以核对通知、整改、申诉和恢复接入。",
        "What a filing says must be true. Here notices are checked, faults put right, appeals made and access regained.")}>
      <ul class="doors">
        {doors.map(([path, title, about]) => (
          <li key={path}><a href={path}><strong>{title}</strong><span>{about}</span></a></li>
        ))}
      </ul>
      <p class="quiet"><a href="/pages/staff">{t("工作人员登录", "Staff")}</a></p>
    </View>
  );
}
