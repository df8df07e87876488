declare const leftOut: readonly { readonly path: string; readonly why: string }[];
export = leftOut;
