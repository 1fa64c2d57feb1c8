// The pages: one document, whose views are loaded when they are first shown.
import { render } from "preact";
import { ErrorBoundary, LocationProvider } from "preact-iso";
import { useState } from "preact/hooks";
import { Frame } from "./frame/frame";
import { Views } from "./routes";
import { t, useLanguage } from "./words/language";

function App() {
  useLanguage();
  const [failed, setFailed] = useState(false);
  return (
    <LocationProvider scope={/^\/(pages(\/|$)|$)/}>
      <Frame>
        {failed ? <Failed /> : <ErrorBoundary onError={(error) => {
          console.error(error);
          setFailed(true);
        }}><Views /></ErrorBoundary>}
      </Frame>
    </LocationProvider>
  );
}

/** A view that could not be loaded or drawn: a new release may have replaced it. */
function Failed() {
  return (
    <>
      <h1>{t("页面没有打开", "The page did not open")}</h1>
      <p>{t("可能是网络中断，或页面刚刚更新。已填写的内容都还在。", "The network may have failed, or the pages were just renewed. What you typed is kept.")}</p>
      <button type="button" class="main" onClick={() => location.reload()}>{t("重新打开", "Open again")}</button>
    </>
  );
}

const page = document.getElementById("page");
if (page) render(<App />, page);
