// Every path of the pages and the view that it shows.
import type { FunctionComponent } from "preact";
import { lazy, Route, Router } from "preact-iso";
import { useLanguage } from "./words/language";

/** A view, whatever of its path it reads. */
type Shown = FunctionComponent<Record<string, unknown>>;

const Start = lazy(() => import("./open/start"));
const ContactCheck = lazy(() => import("./open/contact-check"));
const PublicCheck = lazy(() => import("./open/public-check"));
const WayBack = lazy(() => import("./open/way-back"));
const SignedIn = lazy(() => import("./session/signed-in"));
const Nowhere = lazy(() => import("./open/nowhere"));

const Filings = lazy(() => import("./filer/filings"));
const Filing = lazy(() => import("./filer/filing"));
const Cases = lazy(() => import("./filer/cases"));
const Case = lazy(() => import("./filer/case"));
const Orders = lazy(() => import("./filer/orders"));
const Order = lazy(() => import("./filer/order"));
const Contact = lazy(() => import("./filer/contact"));

const Work = lazy(() => import("./staff/work"));
const Search = lazy(() => import("./staff/search"));
const StaffFiling = lazy(() => import("./staff/filing"));
const StaffOrder = lazy(() => import("./staff/order"));
const StaffCase = lazy(() => import("./staff/case"));

const Overview = lazy(() => import("./operator/overview"));
const Condemned = lazy(() => import("./operator/condemned"));
const Imports = lazy(() => import("./operator/imports"));
const BureauLists = lazy(() => import("./operator/bureau-lists"));
const Campaigns = lazy(() => import("./operator/campaigns"));
const Campaign = lazy(() => import("./operator/campaign"));
const Reports = lazy(() => import("./operator/reports"));

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
