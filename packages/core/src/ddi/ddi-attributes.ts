/** DDI attributes: the facts that a device without an agent states about itself. It proves none of them. */
import { DDI_ATTRIBUTES_MAX, type DdiConfigData } from '@skerry/contract/ddi/ddi-feedback'
import type { DdiRecord } from './ddi-record.ts'
import { plainText } from './ddi-text.ts'

/** The record with the attributes that the device has sent. */
export function withAttributes(
  record: DdiRecord,
  { mode, data: sent }: DdiConfigData,
): { ok: true; record: DdiRecord } {
  const data = plainData(sent)
  const before = record.attributes ?? {}
  const merged = mode === 'replace' ? data : mode === 'merge' ? { ...before, ...data } : without(before, data)
  const attributes = Object.fromEntries(Object.entries(merged).slice(0, DDI_ATTRIBUTES_MAX))
  return { ok: true, record: { ...record, attributes } }
}

/** [DdiAttributes] The limits of a name and of a value. */
const CHARACTERS = 128

const plainData = (data: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(data).map(([name, value]) => [plainText(name, CHARACTERS), plainText(value, CHARACTERS)]),
  )

const without = (before: Record<string, string>, gone: Record<string, string>) =>
  Object.fromEntries(Object.entries(before).filter(([name]) => !Object.hasOwn(gone, name)))
