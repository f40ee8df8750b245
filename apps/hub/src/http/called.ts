/** Called: which procedure is called, with what, as far as the guards care. */
import type { ProcedureMeta } from '@skerry/contract/api/procedure'

/** The input is as it came: it has not been parsed. */
export type Called = { path: readonly string[]; meta: ProcedureMeta; route: string | undefined; input: unknown }

/** What a call is about, as far as its path says: the noun, and what stands for the path's parameters. */
export function objectOf(path: readonly string[], route: string | undefined, input: unknown) {
  const names = [...(route ?? '').matchAll(/\{([^}]+)\}/g)].map(([, name = '']) => name)
  const values = new Map(Object.entries(typeof input === 'object' && input !== null ? input : {}))
  const id = names.map((name) => String(values.get(name) ?? '')).join('/')
  // 128 characters is what a record holds, and no U+0000; what was sent may be anything.
  return { kind: path[0] ?? '', id: id.slice(0, 128).replaceAll('\0', '\ufffd') }
}
