/**
 * Idle source: a source on the passive device of a pair. Flows know its tags, so that they are loaded and wait for
 * values. Nothing is sent to the equipment.
 */
import type { SourceHost } from '@skerry/connectors/sources/source-host'

const PASSIVE = 'this device is not the active one of its pair ("skerry pair show" names it)'

export const idleSource: SourceHost = {
  state: () => ({ kind: 'connecting' }),
  figures: () => ({ crashes: 0, groups: [], lost: 0 }),
  write: async () => ({ ok: false, code: 'write_refused', message: PASSIVE }),
  browse: async () => ({ ok: false, code: 'browse_failed', message: PASSIVE }),
  [Symbol.asyncDispose]: async () => {},
}
