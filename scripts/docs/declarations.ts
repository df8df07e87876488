import { join } from "node:path";
import ts from "typescript";
import { programOf, root } from "./program";
import { type Link, resolved, TypeWords, typeNodeOf, unwrapped } from "./type-words";

const OURS = ["provider", "dist/provider"].map((directory) => join(root, directory));

/** The contents of a class's or an interface's docstrings. */
export interface Declaration {
  readonly name: string;
  readonly summary: string;
  /** Text of a tag such as `@throws`; empty if there is none. */
  readonly tag: (name: string) => string;
  readonly properties: readonly Property[];
}

/** One property with its docstring. */
export interface Property {
  readonly name: string;
  readonly summary: string;
  readonly optional: boolean;
  /** Text of `@default`; empty if there is none. */
  readonly fallback: string;
  /** Its type as Markdown. */
  readonly type: (link: Link) => string;
  /** Properties of a type that is written inline. */
  readonly members: readonly Property[];
}

/** What the package exports: types from the TypeScript compiler, descriptions from docstrings. */
export class Declarations {
  private readonly checker: ts.TypeChecker;
  private readonly words: TypeWords;
  private readonly types: ReadonlyMap<string, ts.Symbol>;

  /** @param entry What users import, relative to the root of the repository: the source, or the published types. */
  constructor(entry: string) {
    const program = programOf([join(root, entry)]);
    this.checker = program.getTypeChecker();
    this.words = new TypeWords(
      this.checker,
      (symbol) => this.isDescribed(symbol),
      (properties) => this.nameOf(properties),
    );
    const source = program.getSourceFile(join(root, entry));
    const module = source && this.checker.getSymbolAtLocation(source);
    if (module === undefined) throw new Error(`${entry} exports nothing`);
    const symbols = this.checker.getExportsOfModule(module).map((symbol) => resolved(this.checker, symbol));
    this.types = new Map(symbols.map((symbol) => [symbol.name, symbol]));
  }

  /**
   * A class or a type that the package exports.
   *
   * @throws Error if there is none of that name.
   */
  of(name: string): Declaration {
    const symbol = this.types.get(name);
    if (symbol === undefined) throw new Error(`the package does not export "${name}"`);
    const properties = this.propertiesOf(symbol).filter((property) => !hasTag(this.checker, property, "internal"));
    return {
      name,
      summary: this.summary(symbol),
      tag: (tag) => tagOf(this.checker, symbol, tag),
      properties: properties.map((property) => this.property(property)),
    };
  }

  /** The properties of a class, without those inherited from Pulumi's. */
  private propertiesOf(symbol: ts.Symbol): ts.Symbol[] {
    if ((symbol.flags & ts.SymbolFlags.Class) === 0) {
      return inOrder(this.checker.getPropertiesOfType(this.checker.getDeclaredTypeOfSymbol(symbol)));
    }
    const own = ts.SymbolFlags.Property | ts.SymbolFlags.GetAccessor;
    return [...(symbol.members?.values() ?? [])].filter((member) => (member.flags & own) !== 0);
  }

  private property(symbol: ts.Symbol): Property {
    return {
      name: symbol.name,
      summary: this.summary(symbol),
      optional: (symbol.flags & ts.SymbolFlags.Optional) !== 0,
      fallback: tagOf(this.checker, symbol, "default"),
      type: (link) => (this.membersOf(symbol).length > 0 ? "object" : this.words.of(symbol, link)),
      members: this.membersOf(symbol).map((member) => this.property(member)),
    };
  }

  /** The properties of an object that is written inline and described in docstrings. */
  private membersOf(symbol: ts.Symbol): ts.Symbol[] {
    const node = typeNodeOf(symbol);
    const inner = node && unwrapped(node);
    if (inner === undefined || !ts.isTypeLiteralNode(inner)) {
      const members = schemaMembers(this.checker, symbol);
      return this.nameOf(members) === undefined ? members : [];
    }
    return this.checker
      .getPropertiesOfType(this.checker.getTypeFromTypeNode(inner))
      .filter((member) => this.summary(member) !== "");
  }

  /** Whether a type has its own table: an exported interface, or a schema's type whose keys have docstrings. */
  private isDescribed(symbol: ts.Symbol): boolean {
    if (this.types.get(symbol.name) !== symbol) return false;
    const [declaration] = symbol.declarations ?? [];
    if (declaration === undefined || ts.isInterfaceDeclaration(declaration)) return declaration !== undefined;
    if (!ts.isTypeAliasDeclaration(declaration) || !ts.isTypeReferenceNode(declaration.type)) return false;
    const properties = this.checker.getPropertiesOfType(this.checker.getDeclaredTypeOfSymbol(symbol));
    return properties.some((property) => this.summary(property) !== "");
  }

  /** The described type with exactly these properties: a schema's type does not know its own name. */
  private nameOf(properties: readonly ts.Symbol[]): string | undefined {
    const names = namesOf(properties);
    for (const symbol of this.types.values()) {
      if (!this.isDescribed(symbol)) continue;
      const own = this.checker.getPropertiesOfType(this.checker.getDeclaredTypeOfSymbol(symbol));
      if (own.length === properties.length && namesOf(own) === names) return symbol.name;
    }
    return undefined;
  }

  /** The text of a docstring. If it only refers to another value's, that one's text. */
  private summary(symbol: ts.Symbol): string {
    const text = ts.displayPartsToString(symbol.getDocumentationComment(this.checker));
    const [, other] = /^See \{@link (\w+)\}\.$/.exec(text) ?? [];
    const [place] = symbol.declarations ?? [];
    if (other === undefined || place === undefined) return plain(text);
    const scope = this.checker.getSymbolsInScope(place, ts.SymbolFlags.Variable);
    const target = scope.find((one) => one.name === other);
    return target === undefined ? plain(text) : this.summary(target);
  }
}

function namesOf(properties: readonly ts.Symbol[]): string {
  return properties
    .map(({ name }) => name)
    .sort()
    .join(" ");
}

/** Properties of one file in source order; a type derived from a schema has another order. */
function inOrder(properties: readonly ts.Symbol[]): ts.Symbol[] {
  const files = new Set(properties.map((one) => one.declarations?.[0]?.getSourceFile().fileName));
  const position = (one: ts.Symbol) => one.declarations?.[0]?.pos ?? 0;
  const written = properties.every((one) => typeNodeOf(one) !== undefined);
  return written || files.size > 1 ? [...properties] : properties.toSorted((a, b) => position(a) - position(b));
}

/** Properties of an object in a schema, if docstrings describe them. */
function schemaMembers(checker: ts.TypeChecker, symbol: ts.Symbol): ts.Symbol[] {
  if (typeNodeOf(symbol) !== undefined) return [];
  const type = checker.getNonNullableType(checker.getTypeOfSymbol(symbol));
  if (type.isUnion() || type.aliasSymbol !== undefined) return [];
  const members = checker.getPropertiesOfType(type);
  return members.filter((member) => member.getDocumentationComment(checker).length > 0 && isOurs(member));
}

function isOurs(symbol: ts.Symbol): boolean {
  const isHere = (path: string) => OURS.some((directory) => path.startsWith(directory));
  return symbol.declarations?.every((one) => isHere(one.getSourceFile().fileName)) ?? false;
}

function tagOf(checker: ts.TypeChecker, symbol: ts.Symbol, name: string): string {
  const tag = symbol.getJsDocTags(checker).find((one) => one.name === name);
  return plain(ts.displayPartsToString(tag?.text));
}

function hasTag(checker: ts.TypeChecker, symbol: ts.Symbol, name: string): boolean {
  return symbol.getJsDocTags(checker).some((tag) => tag.name === name);
}

function plain(text: string): string {
  return text.replace(/\{@link ([^}]+?)\s*\}/g, "`$1`").trim();
}
