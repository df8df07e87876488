import ts from "typescript";

/** The link target at which a named type is described. */
export type Link = (name: string) => string;

/** Types that only say "a resource of this shape", and the words that readers know them by. */
const SHAPES: ReadonlyMap<string, string> = new Map([
  ["HostLike", "`Host`"],
  ["RootfsLike", "`DebianRootfs`"],
  ["BindMountLike", "`BindMount`"],
  ["MachineLike", "`NspawnMachine`"],
  ["Attachable", "`VethNetwork` or `BridgeAttachment`"],
  ["NetworkSpec", "the result of their `attach`"],
]);

/** Types as Markdown, in words: `list of`, `or`. An input is shown without the `pulumi.Input` around it. */
export class TypeWords {
  constructor(
    private readonly checker: ts.TypeChecker,
    /** Whether a type has its own table, which a link leads to. */
    private readonly isDescribed: (symbol: ts.Symbol) => boolean,
    /** The name of the described type with these properties, if there is one. */
    private readonly nameOf: (properties: readonly ts.Symbol[]) => string | undefined,
  ) {}

  /** The type of a property: as its author wrote it, or else as derived from a schema. */
  of(symbol: ts.Symbol, link: Link): string {
    const node = typeNodeOf(symbol);
    return node === undefined ? this.inferred(symbol, link) : this.written(node, link);
  }

  private written(node: ts.TypeNode, link: Link): string {
    const inner = unwrapped(node);
    if (ts.isParenthesizedTypeNode(inner)) return this.written(inner.type, link);
    if (ts.isArrayTypeNode(inner)) return `list of ${this.written(inner.elementType, link)}`;
    if (ts.isUnionTypeNode(inner)) return joined(inner.types.map((one) => this.written(one, link)));
    if (ts.isTypeReferenceNode(inner)) return this.named(inner, link);
    // `string & Record<never, never>` is a trick for editors: any text, in addition to words that they complete.
    if (ts.isIntersectionTypeNode(inner) || inner.kind === ts.SyntaxKind.UndefinedKeyword) return "";
    if (ts.isIndexedAccessTypeNode(inner)) {
      const type = this.checker.getTypeFromTypeNode(inner);
      return this.union(type.isUnion() ? type.types : [type], link);
    }
    return code(inner.getText());
  }

  private named(node: ts.TypeReferenceNode, link: Link): string {
    const symbol = resolved(this.checker, this.checker.getSymbolAtLocation(node.typeName));
    const [, value] = node.typeArguments ?? [];
    if (symbol?.name === "Record" && value !== undefined) return `map of ${this.written(value, link)}`;
    const shape = SHAPES.get(symbol?.name ?? "");
    if (shape !== undefined) return shape;
    if (symbol !== undefined && this.isDescribed(symbol)) return `[${symbol.name}](${link(symbol.name)})`;
    const [declaration] = symbol?.declarations ?? [];
    if (declaration === undefined || !ts.isTypeAliasDeclaration(declaration)) return code(node.getText());
    if (ts.isUnionTypeNode(declaration.type)) return this.written(declaration.type, link);
    const type = this.checker.getTypeFromTypeNode(node);
    return type.isUnion() && type.types.every(isPlain) ? this.union(type.types, link) : code(node.getText());
  }

  private inferred(symbol: ts.Symbol, link: Link): string {
    const type = this.checker.getNonNullableType(this.checker.getTypeOfSymbol(symbol));
    return this.union(type.isUnion() ? type.types : [type], link);
  }

  private union(types: readonly ts.Type[], link: Link): string {
    const words = types.filter(isNoPromise).map((type) => {
      const element = this.checker.getIndexTypeOfType(type, ts.IndexKind.Number);
      if (isPlain(type) || element === undefined) return this.ofType(type, link);
      return `list of ${element.isUnion() ? this.union(element.types, link) : this.ofType(element, link)}`;
    });
    const others = words.filter((word) => word !== "`true`" && word !== "`false`");
    return joined(others.length === words.length - 2 ? ["`boolean`", ...others] : words);
  }

  private ofType(type: ts.Type, link: Link): string {
    if (isPlain(type)) return this.spelled(type);
    const value = this.checker.getIndexTypeOfType(type, ts.IndexKind.String);
    if (value !== undefined) return `map of ${this.union(value.isUnion() ? value.types : [value], link)}`;
    const name = this.nameOf(this.checker.getPropertiesOfType(type));
    return name === undefined ? this.spelled(type) : `[${name}](${link(name)})`;
  }

  private spelled(type: ts.Type): string {
    return code(this.checker.typeToString(type, undefined, ts.TypeFormatFlags.NoTruncation));
  }
}

/** The type as it is written, without `pulumi.Input`, `DeepInput` and `pulumi.Output` around it. */
export function unwrapped(node: ts.TypeNode): ts.TypeNode {
  if (!ts.isTypeReferenceNode(node)) return node;
  const [inner] = node.typeArguments ?? [];
  return inner !== undefined && /^(?:pulumi\.(?:In|Out)put|DeepInput)$/.test(node.typeName.getText())
    ? unwrapped(inner)
    : node;
}

/** The type in the declaration of a property; none if it is inferred from a value. */
export function typeNodeOf(symbol: ts.Symbol): ts.TypeNode | undefined {
  const [declaration] = symbol.declarations ?? [];
  if (declaration === undefined) return undefined;
  const isProperty =
    ts.isPropertySignature(declaration) || ts.isPropertyDeclaration(declaration) || ts.isGetAccessor(declaration);
  return isProperty ? declaration.type : undefined;
}

/** What an imported name refers to. */
export function resolved<S extends ts.Symbol | undefined>(checker: ts.TypeChecker, symbol: S): S | ts.Symbol {
  if (symbol === undefined || (symbol.flags & ts.SymbolFlags.Alias) === 0) return symbol;
  return checker.getAliasedSymbol(symbol);
}

/** The value of a `pulumi.Input` derived from a schema. An input is documented without its promises and Outputs. */
function isNoPromise(type: ts.Type): boolean {
  return !["Promise", "OutputInstance"].includes(type.symbol?.name ?? "");
}

function isPlain(type: ts.Type): boolean {
  const literals = ts.TypeFlags.StringLike | ts.TypeFlags.NumberLike | ts.TypeFlags.BooleanLike;
  return (type.flags & literals) !== 0;
}

function joined(words: readonly string[]): string {
  return [...new Set(words.filter((word) => word !== ""))].join(" or ");
}

function code(text: string): string {
  const line = text.replace(/\s+/g, " ").replace(/\breadonly /g, "");
  const template = /^`(.*)`$/.exec(line)?.[1]?.replace(/\$\{(\w+)\}/g, (_all, name: string) => name.toUpperCase());
  return `\`${template === undefined ? line : `"${template}"`}\``;
}
