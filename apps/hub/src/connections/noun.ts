/** The noun of sources and sinks. */
import type { ConnectionKind } from '@skerry/contract/connections/connection'
import { connectionTag } from '@skerry/contract/values/entity-tag'
import { ConnectionId } from '@skerry/contract/values/ids'
import type { FindTag, Noun } from '../nouns/noun.ts'
import { ownerKey, ownerOf } from '../secrets/secret-store.ts'
import { sinkHandlers, sourceHandlers } from './connection-handlers.ts'
import { type ConnectionRow, findConnection, findOwned } from './connection-store.ts'

const tagOfRow = (row: ConnectionRow | undefined) => row && connectionTag(row)

/** A path has the id of the connection. The call that sets one has its name and its owner. */
const findConnectionTag =
  (kind: ConnectionKind): FindTag =>
  async ({ db, organisationId, named }) => {
    const id = ConnectionId.safeParse(named('connection')).data
    if (id) return tagOfRow(await findConnection(db, organisationId, id))
    const owner = await ownerOf(db, organisationId, named('scope') || 'organisation')
    if (!owner) return undefined
    return tagOfRow(await findOwned(db, organisationId, { kind, owner: ownerKey(owner), name: named('name') }))
  }

type Handlers = {
  source: typeof sourceHandlers
  sink: typeof sinkHandlers
}

const handlers: Handlers = { source: sourceHandlers, sink: sinkHandlers }

export const connectionNoun = {
  handlers,
  purge: [
    ['connection_states', ['device_id', 'kind', 'name']],
    ['connection_classes', ['connection_id']],
    ['device_connections', ['device_id']],
    ['connections', ['id']],
  ],
  entityTags: { source: findConnectionTag('source'), sink: findConnectionTag('sink') },
} satisfies Noun
