/** Written: what somebody typed to write to a tag, made into a value; or why it is none that the source allows. */
import { TagWritten } from '@skerry/contract/devices/device-command'
import type { TagContent } from '@skerry/contract/sources/tag'
import type { TagRow } from '@skerry/core/tags/tag-rows'
import * as z from 'zod'

export type WrittenKind = 'number' | 'boolean' | 'text' | 'list'

const Method = z.looseObject({ arguments: z.array(z.looseObject({ type: z.string() })).default([]) })

/** What the tag takes, by what it said last, else by what the source says of it; undefined where neither tells. */
export function kindOf(
  { all, where }: Pick<TagRow, 'all' | 'where'>,
  known: TagContent | undefined,
): WrittenKind | undefined {
  const method = Method.safeParse(all.method).data
  // What a method said last is what it gave, not what it takes.
  if (method) return kindOfArguments(method.arguments)
  // An array is written whole.
  if (Array.isArray(known) || (typeof all.count === 'number' && all.count > 1)) return 'list'
  if (typeof known === 'number') return 'number'
  if (typeof known === 'boolean') return 'boolean'
  if (typeof known === 'string') return 'text'
  const { type } = all
  if (typeof type === 'string') return kindOfType(type)
  return where.startsWith('coil:') ? 'boolean' : undefined
}

function kindOfArguments([first, ...more]: readonly { type: string }[]): WrittenKind | undefined {
  if (!first) return 'boolean'
  return more.length > 0 ? 'list' : kindOfType(first.type)
}

/** Names of types differ by protocol; their beginnings hardly do. */
function kindOfType(type: string): WrittenKind | undefined {
  if (/^bool/i.test(type)) return 'boolean'
  if (/^(string|text)/i.test(type)) return 'text'
  return /^(u?int|float|double|real|s?byte$|word|dword|decimal)/i.test(type) ? 'number' : undefined
}

export type Written =
  | { ok: true; value: TagWritten }
  | { ok: false; why: 'empty' | 'number' | 'list' | 'low' | 'high' | 'long' }

type Bounds = { min?: number | undefined; max?: number | undefined }

/** [packages/contract/src/devices/device-command.ts] What a text may have at most. */
const TEXT_MAX = 1_000

export function readWritten(kind: WrittenKind, text: string, { min, max }: Bounds): Written {
  if (kind === 'text') return text.length > TEXT_MAX ? { ok: false, why: 'long' } : { ok: true, value: text }
  if (text.trim() === '') return { ok: false, why: 'empty' }
  if (kind === 'boolean') return { ok: true, value: text === 'true' }
  if (kind === 'list') return readList(text, { min, max })
  // As people type it where a comma stands for the point.
  const value = Number(text.trim().replace(',', '.'))
  if (!Number.isFinite(value)) return { ok: false, why: 'number' }
  const why = beyond(value, { min, max })
  return why ? { ok: false, why } : { ok: true, value }
}

function beyond(value: number, { min, max }: Bounds): 'low' | 'high' | undefined {
  if (min !== undefined && value < min) return 'low'
  return max !== undefined && value > max ? 'high' : undefined
}

function readList(text: string, bounds: Bounds): Written {
  const value = listOf(text)
  if (!value) return { ok: false, why: 'list' }
  const why = value.map((one) => (typeof one === 'number' ? beyond(one, bounds) : undefined)).find(Boolean)
  return why ? { ok: false, why } : { ok: true, value }
}

function listOf(text: string): Extract<TagWritten, unknown[]> | undefined {
  try {
    const { data } = TagWritten.safeParse(JSON.parse(text))
    return Array.isArray(data) ? data : undefined
  } catch {
    return undefined
  }
}
