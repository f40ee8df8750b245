/** BACnet browse: the list of objects of the device, with their names. Read entry by entry, since only few devices answer it whole. */
import { SourceTrouble } from '@skerry/connectors/session'
import type { BrowseEntry } from '@skerry/contract/connections/browse-entry'
import { bacnetAddressOf } from '@skerry/contract/sources/bacnet-object'
import { refusalCause } from './exceptions.ts'
import type { Item, ObjectId, PropertyValue, Wire } from './wire.ts'

/** A page that a person looks through. */
const PAGE = 200

const OBJECT_LIST = 76
const OBJECT_NAME = 77

/** `path` is how many objects to leave out: empty for the beginning. */
export async function browseObjects(
  wire: Wire,
  { device, path, objectsMax }: { device: ObjectId; path: string; objectsMax: number },
  signal: AbortSignal,
): Promise<BrowseEntry[]> {
  const from = /^\d{1,7}$/.test(path) ? Number(path) : 0
  const count = await wire.read(device, { id: OBJECT_LIST, index: 0 }, signal)
  const total = count.ok ? Number(count.value[0]?.value ?? 0) : 0
  if (!count.ok) throw new SourceTrouble('source_lost', `the list of objects: ${refusalCause(count.refusal).message}`)
  const entries: BrowseEntry[] = []
  const end = Math.min(total, from + PAGE)
  for (let at = from; at < end; at += objectsMax) {
    const places = Array.from({ length: Math.min(objectsMax, end - at) }, (_, index) => at + index + 1)
    const found = await idsAt(wire, { device, places }, signal)
    const named = found.map((object): Item => ({ object, properties: [{ id: OBJECT_NAME }] }))
    const names = await readEach(wire, named, signal)
    entries.push(...found.flatMap((object, index) => entryOf(object, names[index])))
  }
  return end < total ? [...entries, { path: String(end), label: `${total - end} more`, isFolder: true }] : entries
}

async function idsAt(
  wire: Wire,
  { device, places }: { device: ObjectId; places: readonly number[] },
  signal: AbortSignal,
): Promise<ObjectId[]> {
  const items = places.map((index): Item => ({ object: device, properties: [{ id: OBJECT_LIST, index }] }))
  const values = await readEach(wire, items, signal)
  return values.flatMap((value) => objectIdOf(value?.[0]?.value) ?? [])
}

/** One property each; one by one where the device does not answer them together. */
async function readEach(
  wire: Wire,
  items: readonly Item[],
  signal: AbortSignal,
): Promise<(PropertyValue | undefined)[]> {
  const together = await wire.readAll(items, signal)
  if (together.ok) return together.value.map(([value]) => value)
  const values: (PropertyValue | undefined)[] = []
  for (const { object, properties } of items) {
    const [property] = properties
    const answer = property && (await wire.read(object, property, signal))
    values.push(answer?.ok ? answer.value : undefined)
  }
  return values
}

function objectIdOf(value: unknown): ObjectId | undefined {
  if (typeof value !== 'object' || value === null || !('type' in value) || !('instance' in value)) return undefined
  const { type, instance } = value
  return typeof type === 'number' && typeof instance === 'number' ? { type, instance } : undefined
}

function entryOf(object: ObjectId, name: PropertyValue | undefined): BrowseEntry[] {
  const address = bacnetAddressOf(object)
  const text = name?.[0]?.value
  const words = typeof text === 'string' ? `: ${text}` : ''
  const path = address ?? `object ${object.type}:${object.instance}`
  return [{ path, label: `${path}${words}`.slice(0, 500), isFolder: false, ...(address ? { tag: { address } } : {}) }]
}
