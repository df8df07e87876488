import { isRecord } from "../dynamic";
import { HostError, UnreachableError } from "../remote";

/** A shorter text appears in many others by chance. */
const SHORTEST = 4;

/** An error without the texts of secret inputs, which programs on the host quote; any other error unchanged. */
export function withoutSecretTexts(error: unknown, inputs: unknown, secretInputs: readonly string[]): unknown {
  if (
    !(error instanceof HostError) ||
    error instanceof UnreachableError ||
    !isRecord(inputs) ||
    secretInputs.length === 0
  )
    return error;
  const texts = Object.entries(inputs)
    .filter(([name]) => secretInputs.includes(name))
    .flatMap(([, value]) => textsIn(value))
    .filter((text) => text.length >= SHORTEST)
    .sort((a, b) => b.length - a.length);
  const hidden = (shown: string) => texts.reduce((rest, text) => rest.replaceAll(text, "[secret]"), shown);
  const { attempted, host, happened, afterwards, advice, details } = error.parts;
  return new HostError({
    attempted,
    host,
    happened: hidden(happened),
    ...(afterwards !== undefined && { afterwards: hidden(afterwards) }),
    ...(advice !== undefined && { advice: hidden(advice) }),
    ...(details !== undefined && { details: hidden(details) }),
  });
}

function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value, ...value.split("\n")].map((text) => text.trim());
  if (Array.isArray(value)) return value.flatMap(textsIn);
  return isRecord(value) ? Object.values(value).flatMap(textsIn) : [];
}
