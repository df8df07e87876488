const UNITS: Readonly<Record<string, number>> = { "": 1, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** The seconds in a time of ssh_config, such as `90`, `1m30s` or `none`; `undefined` if there is none. */
export function seconds(value: string | undefined): number | undefined {
  if (value === undefined || !/^(\d+[smhdw]?)+$/i.test(value)) return undefined;
  return [...value.matchAll(/(\d+)([smhdw]?)/gi)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * (UNITS[(unit ?? "").toLowerCase()] ?? 1),
    0,
  );
}
