// What this deployment tells its pages.

export type Side = "filers" | "staff";

export interface SignIn {
  issuer: string;
  client: string;
  scope: string;
}

export interface Settings {
  filers: SignIn;
  staff: SignIn;
  accountClaim: string;
  roleClaim: string;
}

let read: Promise<Settings> | undefined;

export function settings(): Promise<Settings> {
  read ??= fetch("/pages/settings.json").then(async (answer) => {
    if (!answer.ok) throw new Error(`settings: ${answer.status}`);
    return (await answer.json()) as Settings;
  });
  // A network that failed once is asked again.
  read.catch(() => (read = undefined));
  return read;
}
