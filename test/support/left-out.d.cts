declare const leftOut: readonly { readonly folder: string; readonly why: string }[];
export = leftOut;
