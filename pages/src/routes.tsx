// Every path of the pages and the view that it shows.
import type { FunctionComponent } from "preact";
import { lazy, Route, Router } from "preact-iso";
import { Failed } from "./frame/failed";
import { useLanguage } from "./words/language";

/** A view, whatever of its path it reads. */
type Shown = FunctionComponent<Record<string, unknown>>;

/** A view that is loaded when it is first shown. */
function view<P>(load: () => Promise<{ default: FunctionComponent<P> }>) {
  // What failed to load is kept as failed: its reader opens it again.
  return lazy(() => load().catch((error: unknown) => {
    console.error(error);
    return { default: Failed as FunctionComponent<P> };
  }));
}

const Start = view(() => import("./open/start"));
const ContactCheck = view(() => import("./open/contact-check"));
const PublicCheck = view(() => import("./open/public-check"));
const WayBack = view(() => import("./open/way-back"));
const SignedIn = view(() => import("./session/signed-in"));
const Nowhere = view(() => import("./open/nowhere"));

const Filings = view(() => import("./filer/filings"));
const Filing = view(() => import("./filer/filing"));
const Cases = view(() => import("./filer/cases"));
const Case = view(() => import("./filer/case"));
const Orders = view(() => import("./filer/orders"));
const Order = view(() => import("./filer/order"));
const Contact = view(() => import("./filer/contact"));

const Work = view(() => import("./staff/work"));
const Search = view(() => import("./staff/search"));
const StaffFiling = view(() => import("./staff/filing"));
const StaffOrder = view(() => import("./staff/order"));
const StaffCase = view(() => import("./staff/case"));

const Overview = view(() => import("./operator/overview"));
const Condemned = view(() => import("./operator/condemned"));
const Imports = view(() => import("./operator/imports"));
const BureauLists = view(() => import("./operator/bureau-lists"));
const Campaigns = view(() => import("./operator/campaigns"));
const Campaign = view(() => import("./operator/campaign"));
const Reports = view(() => import("./operator/reports"));

const VIEWS = [
  ["/", Start],
  ["/pages/contact-check", ContactCheck],
  ["/pages/public-check", PublicCheck],
  ["/pages/way-back", WayBack],
  ["/pages/signed-in/:side", SignedIn],
  ["/pages/filings", Filings],
  ["/pages/filings/:subject", Filing],
  ["/pages/filings/:subject/way-back/:service", WayBack],
  ["/pages/cases", Cases],
  ["/pages/cases/:id", Case],
  ["/pages/orders", Orders],
  ["/pages/orders/:id", Order],
  ["/pages/contact", Contact],
  ["/pages/staff", Work],
  ["/pages/staff/search", Search],
  ["/pages/staff/filings/:subject", StaffFiling],
  ["/pages/staff/orders/:id", StaffOrder],
  ["/pages/staff/cases/:id", StaffCase],
  ["/pages/operations", Overview],
  ["/pages/operations/condemned", Condemned],
  ["/pages/operations/imports", Imports],
  ["/pages/operations/bureau-lists", BureauLists],
  ["/pages/operations/campaigns", Campaigns],
  ["/pages/operations/campaigns/:id", Campaign],
  ["/pages/operations/reports", Reports],
] as const;

export function Views() {
  // The router draws a view anew when what it is given differs: the language is given to each.
  const language = useLanguage();
  return (
    <Router>
      {VIEWS.map(([path, View]) => <Route key={path} path={path} component={View as Shown} language={language} />)}
      <Route default component={Nowhere as Shown} language={language} />
    </Router>
  );
}
