/** Example: a value that fits a JSON schema, for people to read. */

export type Schema = Readonly<Record<string, unknown>>

/** A schema, with a reference looked up. */
export type Resolve = (schema: unknown) => Schema

/** Deep enough for every input of the contract; a schema that refers to itself ends here. */
const DEPTH_MAX = 8

/** Only what is required, so that the example is short. */
export function exampleOf(schema: unknown, resolve: Resolve, depth = 0): unknown {
  const resolved = resolve(schema)
  if ('const' in resolved) return resolved.const
  if (Array.isArray(resolved.enum)) return resolved.enum[0]
  if ('default' in resolved && depth > 0) return resolved.default
  const [branch] = branchesOf(resolved)
  if (branch) return exampleOf(branch, resolve, depth)
  switch (resolved.type) {
    case 'object':
      return depth < DEPTH_MAX ? exampleObject(resolved, resolve, depth) : {}
    case 'array':
      return Number(resolved.minItems ?? 0) > 0 ? [exampleOf(resolved.items, resolve, depth + 1)] : []
    case 'integer':
    case 'number':
      return Number(resolved.minimum ?? 1) > 0 ? (resolved.minimum ?? 1) : 1
    case 'boolean':
      return true
    default:
      return exampleText(resolved)
  }
}

/** The alternatives of a schema that is a choice. */
export function branchesOf(schema: Schema): unknown[] {
  const branches = schema.anyOf ?? schema.oneOf
  return Array.isArray(branches) ? branches : []
}

function exampleObject({ properties, required }: Schema, resolve: Resolve, depth: number): Record<string, unknown> {
  const names = Array.isArray(required) ? required.map(String) : []
  const schemas = (properties ?? {}) as Record<string, unknown>
  return Object.fromEntries(names.map((name) => [name, exampleOf(schemas[name], resolve, depth + 1)]))
}

/** Texts by the pattern that they must have. */
const TEXTS: readonly [RegExp, string][] = [
  [/^\^sha256/, `sha256:${'0'.repeat(64)}`],
  [/^\^\(\[1-9\]\[0-9\]/, 'latest'],
  [/\.onnx|A-Za-z0-9\._-/, 'model.onnx'],
  [/^\^\[a-z0-9\]/, 'berlin'],
  [/^\^\[A-Z\]/, 'DE'],
]

function exampleText({ pattern, format }: Schema): string {
  const text = String(pattern ?? '')
  const prefix = /^\^([a-z]+)_/.exec(text)?.[1]
  if (prefix) return `${prefix}_abcdefgh234567`
  if (format === 'uri') return 'https://hub.example.com'
  return TEXTS.find(([known]) => known.test(text))?.[1] ?? 'text'
}
