/** Called: the called procedure and its input, as far as the guards need them. */
import type { ProcedureMeta } from '@skerry/contract/api/procedure'

/** The raw input, which has not been parsed. */
export type Called = { path: readonly string[]; meta: ProcedureMeta; route: string | undefined; input: unknown }

/** The object of a call according to its path: the noun, and the values of the path's parameters. */
export function objectOf(path: readonly string[], route: string | undefined, input: unknown) {
  const names = [...(route ?? '').matchAll(/\{([^}]+)\}/g)].map(([, name = '']) => name)
  const values = new Map(Object.entries(typeof input === 'object' && input !== null ? input : {}))
  const id = names.map((name) => String(values.get(name) ?? '')).join('/')
  // A record holds 128 characters, without U+0000. The raw input may be anything.
  return { kind: path[0] ?? '', id: id.slice(0, 128).replaceAll('\0', '\ufffd') }
}

/** A dry run only computes the result. The input is raw. */
export const isTrial = ({ input }: Pick<Called, 'input'>): boolean =>
  typeof input === 'object' && input !== null && 'dryRun' in input && input.dryRun === true
