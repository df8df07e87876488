import type { TestHost } from "./hosts";

/** Makes a host's systemctl begin with these lines of sh while the work lasts. */
export async function withSystemctl<T>(host: TestHost, lines: string, work: () => Promise<T>): Promise<T> {
  const text = Buffer.from(`#!/bin/sh\n${lines}\nexec /usr/bin/systemctl.real "$@"\n`).toString("base64");
  await host.sh(
    `mv /usr/bin/systemctl /usr/bin/systemctl.real; echo ${text} | base64 -d >/usr/bin/systemctl; chmod 755 /usr/bin/systemctl`,
  );
  try {
    return await work();
  } finally {
    await host.sh("mv /usr/bin/systemctl.real /usr/bin/systemctl");
  }
}
