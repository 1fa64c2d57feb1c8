// A view that could not be loaded or drawn: the network failed, or a new release replaced it.
import { View } from "../parts/basics";
import { t } from "../words/language";

export function Failed() {
  return (
    <View title={t("页面没有打开", "The page did not open")}
      lead={t("可能是网络中断，或页面刚刚更新。已填写的内容都还在。", "The network may have failed, or the pages were just renewed. What you typed is kept.")}>
      <button type="button" class="main" onClick={() => location.reload()}>{t("重新打开", "Open again")}</button>
    </View>
  );
}
