import { View } from "../parts/basics";
import { t } from "../words/language";

export default function Nowhere() {
  return (
    <View title={t("没有这个页面", "There is no such page")}>
      <p><a href="/">{t("回到首页", "Back to the start")}</a></p>
    </View>
  );
}
