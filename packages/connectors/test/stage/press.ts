/** Press: the source that the conformance suite reads of each equipment. */
import { Source } from '@skerry/contract/sources/source'
import type { Equipment, StartedEquipment } from './equipment.ts'

type Started = Pick<StartedEquipment, 'connection' | 'more'>

export function pressOf(
  { protocol, tags, groups, fastMs = 20 }: Equipment,
  started: Started | undefined,
  everyMs = fastMs,
): Source {
  const writable = tags.writable ? [{ ...named('writable', tags), ...started?.more?.writable }] : []
  return Source.parse({
    name: 'press-7',
    protocol,
    connection: started?.connection,
    groups: [
      {
        ...groups?.fast,
        ...started?.more?.groups,
        name: 'fast',
        everyMs,
        tags: [named('steady', tags), ...writable],
      },
      {
        ...groups?.slow,
        ...started?.more?.groups,
        name: 'slow',
        everyMs: 2 * everyMs,
        tags: [named('sensor', tags)],
      },
    ],
  })
}

export const named = (name: keyof Equipment['tags'], tags: Equipment['tags']) => ({ name, ...tags[name] })
