// The pages: one document, whose views are loaded when they are first shown.
import { render } from "preact";
import { ErrorBoundary, LocationProvider } from "preact-iso";
import { useState } from "preact/hooks";
import { Failed } from "./frame/failed";
import { Frame } from "./frame/frame";
import { Views } from "./routes";
import { useLanguage } from "./words/language";

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

// What a browser kept of a page that was left may be of somebody who has signed out since.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
// A print shows all evidence, also what is folded.
addEventListener("beforeprint", () => {
  for (const folded of document.querySelectorAll<HTMLDetailsElement>(".evidence details")) folded.open = true;
});

const page = document.getElementById("page");
if (page) render(<App />, page);
