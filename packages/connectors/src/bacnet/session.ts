/** BACnet session: asks for several objects at once, and writes present values. */
import { type Reading, readingOf } from '@skerry/connectors/reading'
import { type OpenSession, type Session, type SourcePlan, SourceTrouble } from '@skerry/connectors/session'
import { BACNET_INSTANCE_MAX } from '@skerry/contract/sources/bacnet-object'
import type { BacnetSource } from '@skerry/contract/sources/source'
import { browseObjects } from './browse.ts'
import { type Asking, readTags } from './read.ts'
import { type ObjectId, openWire, type Wire } from './wire.ts'
import { writeTag } from './write.ts'

const DEVICE = 8
const OBJECT_IDENTIFIER = 75

/** Asks the device who it is. */
export const openBacnet: OpenSession<BacnetSource> = async (source, { clock }, signal): Promise<Session> => {
  const { connection } = source
  const wire = await openWire(connection, clock, signal)
  const it: Asking = { wire, clock, objectsMax: connection.objectsMax, isPlain: false }
  const tags = new Map(source.groups.flatMap((group) => group.tags.map((tag) => [tag.name, tag] as const)))
  let device: ObjectId
  try {
    device = { type: DEVICE, instance: await instanceOf(wire, connection.device, signal) }
  } catch (error) {
    await wire[Symbol.asyncDispose]()
    throw error
  }
  return {
    async read(group, waiting): Promise<Reading> {
      const asked = group.tags.flatMap(({ name }) => tags.get(name) ?? [])
      return readingOf(await readTags(it, asked, waiting))
    },
    async write(name, value, waiting) {
      const tag = tags.get(name)
      if (!tag) return { ok: false, code: 'tag_unknown', message: `the source has no tag ${name}` }
      return writeTag(wire, tag, value, waiting)
    },
    browse: (path, waiting) => browseObjects(wire, { device, path, objectsMax: it.objectsMax }, waiting),
    [Symbol.asyncDispose]: () => wire[Symbol.asyncDispose](),
  }
}

/** What each group's round asks for. */
export function planBacnet({ connection, groups }: BacnetSource): SourcePlan {
  return {
    groups: groups.map(({ name, tags }) => {
      return { group: name, requests: Math.ceil(tags.length / connection.objectsMax), places: tags.length }
    }),
    problems: [],
  }
}

/** Old devices do not answer to the number that every device takes as its own: of those it has to be said. */
async function instanceOf(wire: Wire, expected: number | undefined, signal: AbortSignal): Promise<number> {
  const any = { type: DEVICE, instance: BACNET_INSTANCE_MAX }
  const answer = await wire.read(any, { id: OBJECT_IDENTIFIER }, signal)
  const value = answer.ok ? answer.value[0]?.value : undefined
  const isId = typeof value === 'object' && value !== null && 'instance' in value
  const instance = isId && typeof value.instance === 'number' ? value.instance : (expected ?? BACNET_INSTANCE_MAX)
  if (expected === undefined || expected === instance) return instance
  throw new SourceTrouble('source_refused', `it is device ${instance}, expected ${expected}`)
}
