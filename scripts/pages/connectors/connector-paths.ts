/** Connector paths: the pages of connectors as paths in the repository. */
import type { ConnectionKind } from '@skerry/contract/connections/connection'
import { sinkNotes } from './sink-notes.ts'
import { type ConnectorNote, sourceNotes } from './source-notes.ts'

/** The path of the page of a protocol. */
export const pagePath = ({ kind, protocol }: { kind: ConnectionKind; protocol: string }): string =>
  `docs/connectors/${kind}s/${protocol}.md`

/** The paths of the pages of a kind, in the order of their titles. */
export const connectorPaths = (kind: ConnectionKind): string[] =>
  Object.entries<ConnectorNote>(kind === 'source' ? sourceNotes : sinkNotes)
    .toSorted(([, one], [, other]) => one.title.localeCompare(other.title, 'en'))
    .map(([protocol]) => pagePath({ kind, protocol }))
