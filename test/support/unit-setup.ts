import leftOut from "./left-out.cjs";

/** Reports what is left out of the unit ring on this machine, if anything is. */
export default function setup(): void {
  for (const { path, why } of leftOut) console.error(`test:unit leaves out ${path}: ${why}`);
}
