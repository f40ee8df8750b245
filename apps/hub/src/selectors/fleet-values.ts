/**
 * Fleet values: the present values of the fields of sites and devices. With them, the author of a selector can choose
 * instead of guess.
 */

import { type FieldValues, LABEL_KEYS_MAX, VALUES_MAX } from '@skerry/contract/deployments/selector-preview'
import type { OrganisationId } from '@skerry/contract/values/ids'
import type { Scope } from '@skerry/core/people/scope'
import type { SelectorFacts } from '@skerry/core/selectors/selector'
import type { Db } from '../store/store.ts'
import { scanFleet } from './fleet-scan.ts'

/**
 * Different values that are counted for one field. The names of 10,000 devices are as many values, and nobody chooses
 * from such a list.
 */
const COUNTED_MAX = 10_000

type Counts = Map<string, number>

/** The values of each field. A field without values is left out. */
export async function fleetValues(
  db: Db,
  organisationId: OrganisationId,
  nowMs: number,
  scope?: Scope,
): Promise<{ total: number; fields: FieldValues[] }> {
  const fields = new Map<string, Counts>()
  const labels = { device: new Map<string, Counts>(), site: new Map<string, Counts>() }
  let total = 0
  for await (const { facts } of scanFleet(db, organisationId, nowMs, scope)) {
    total += 1
    for (const [field, value] of plainValues(facts)) count(fields, field, value)
    for (const root of ['device', 'site'] as const)
      for (const [key, value] of Object.entries(facts[root].labels)) count(labels[root], key, value)
  }
  const plain = [...fields].map(([field, counts]) => valuesOf({ field }, counts))
  return {
    total,
    fields: [...plain, ...labelValues('device.labels', labels.device), ...labelValues('site.labels', labels.site)],
  }
}

/** Fields with a few values. For a number, a selector has a bound and not a value. */
function plainValues({ device, site }: SelectorFacts): [string, string][] {
  const values: [string, string | undefined][] = [
    ['site.name', site.name],
    ['site.kind', site.kind],
    ['site.country', site.country],
    ['site.region', site.region],
    ['site.clearance', site.clearance],
    ['device.name', device.name],
    ['device.arch', device.arch],
    ['device.os', device.os],
    ['device.cpus', device.cpus?.toString()],
    ['device.memoryMb', device.memoryMb?.toString()],
    ['device.status', device.status],
    ...device.capabilities.map((capability): [string, string] => ['device.capabilities', capability]),
  ]
  return values.filter((entry): entry is [string, string] => entry[1] !== undefined)
}

function count(fields: Map<string, Counts>, field: string, value: string): void {
  const counts = fields.get(field) ?? new Map<string, number>()
  fields.set(field, counts)
  const before = counts.get(value)
  if (before !== undefined || counts.size < COUNTED_MAX) counts.set(value, (before ?? 0) + 1)
}

function labelValues(field: string, keys: ReadonlyMap<string, Counts>): FieldValues[] {
  const byName = [...keys].sort(([a], [b]) => (a < b ? -1 : 1))
  return byName.slice(0, LABEL_KEYS_MAX).map(([key, counts]) => valuesOf({ field, key }, counts))
}

function valuesOf(name: { field: string; key?: string }, counts: Counts): FieldValues {
  const all = [...counts].sort(([a, aCount], [b, bCount]) => bCount - aCount || (a < b ? -1 : 1))
  const values = all.slice(0, VALUES_MAX).map(([value, number]) => ({ value, count: number }))
  return { ...name, values, omitted: all.length - values.length }
}
