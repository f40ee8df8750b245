/** EtherNet/IP session: reads groups of tags by few requests, and writes single tags. */
import { perGroup } from '@skerry/connectors/reading'
import type { OpenSession, Session, SessionAlone } from '@skerry/connectors/session'
import type { EthernetIpSource } from '@skerry/contract/sources/source'
import { browseTags } from './browse.ts'
import { askedOf, readAll } from './read.ts'
import { openWire, type Requests } from './wire.ts'
import { writeTag } from './write.ts'

/** Connects. */
export const openEthernetIp: OpenSession<EthernetIpSource> = async (source, deps, signal): Promise<Session> => {
  const { nowMs } = deps.clock
  const wire = await openWire(source.connection, deps, signal)
  const tags = new Map(source.groups.flatMap((group) => group.tags.map((tag) => [tag.name, tag] as const)))
  const planOf = perGroup((group) => askedOf(group.tags.flatMap(({ name }) => tags.get(name) ?? [])))
  const controller = { hasSeveral: true }
  const over = (own: Requests): SessionAlone => ({
    read: (group, waiting) => readAll({ wire: own, nowMs, controller }, planOf(group), waiting),
    async write(name, value, waiting) {
      const tag = tags.get(name)
      if (!tag) return { ok: false, code: 'tag_unknown', message: `the source has no tag ${name}` }
      return writeTag(own, tag, value, waiting)
    },
  })
  return {
    ...over(wire),
    alone: (work) => wire.alone((own) => work(over(own))),
    browse: (path, waiting) => browseTags(wire, path, waiting),
    [Symbol.asyncDispose]: () => wire[Symbol.asyncDispose](),
  }
}
