// A rule of oxlint for the dashboard: the present is `serverNow()`. A browser's own clock may be minutes off.
interface Node {
  readonly type: string;
  readonly name?: string;
  readonly object?: Node;
  readonly property?: Node & { readonly value?: unknown };
  readonly callee?: Node;
  readonly arguments?: readonly Node[];
}

interface Context {
  report(finding: { readonly node: Node; readonly message: string }): void;
}

const message = 'Read serverNow(): the clock of the browser may be wrong.';
const globals = new Set(['globalThis', 'window', 'self']);
const isNamed = (node: Node | undefined, name: string): boolean =>
  (node?.type === 'Identifier' && node.name === name) ||
  (node?.type === 'MemberExpression' && globals.has(node.object?.name ?? '') && nameOf(node.property) === name);
const nameOf = (node: Node['property']): unknown => node?.name ?? node?.value;

const rule = {
  create: (context: Context) => ({
    MemberExpression: (node: Node) => {
      const isClock = isNamed(node.object, 'Date') && nameOf(node.property) === 'now';
      const isTemporal = isNamed(node.object, 'Temporal') && nameOf(node.property) === 'Now';
      const isOrigin = isNamed(node.object, 'performance') && nameOf(node.property) === 'timeOrigin';
      if (isClock || isTemporal || isOrigin) context.report({ node, message });
    },
    NewExpression: (node: Node) => {
      if (isNamed(node.callee, 'Date') && node.arguments?.length === 0) context.report({ node, message });
    },
    CallExpression: (node: Node) => {
      if (isNamed(node.callee, 'Date')) context.report({ node, message });
    },
    // const { now } = Date
    VariableDeclarator: (node: Node & { readonly init?: Node }) => {
      if (isNamed(node.init, 'Date')) context.report({ node, message });
    },
  }),
};

// oxlint takes a plugin from the default export.
// oxlint-disable-next-line import/no-default-export
export default { meta: { name: 'clock' }, rules: { 'server-clock-only': rule } };
