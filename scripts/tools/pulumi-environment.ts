import { join } from "node:path";

/** Gives CLI runs their own home, backend and passphrase, below a directory: nothing of the user's is touched. */
export function pulumiEnvironment(directory: string): Record<string, string> {
  return {
    PULUMI_HOME: join(directory, "pulumi-home"),
    PULUMI_BACKEND_URL: `file://${directory}`,
    PULUMI_CONFIG_PASSPHRASE: "disposable",
    PULUMI_SKIP_UPDATE_CHECK: "true",
  };
}
