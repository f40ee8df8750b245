/** Connection conditions: what of sources, sinks and the queue for the hub needs a person. Equipment that is away now and then does not. */
import type { ConnectionStatus, HubQueueStatus } from '@skerry/contract/connections/connection'
import type { Conditions } from '../conditions.ts'

const NEEDS_PERSON = [
  { kind: 'source', state: 'quarantined', code: 'source_quarantined' },
  { kind: 'source', state: 'refused', code: 'source_refused' },
  { kind: 'sink', state: 'quarantined', code: 'sink_quarantined' },
  { kind: 'sink', state: 'refused', code: 'sink_refused' },
] as const

type Heard = { running: readonly ConnectionStatus[]; hubQueue: HubQueueStatus | undefined }

/** Raises what is so now, and clears what is not any more. */
export function tellConditions(conditions: Conditions, { running, hubQueue }: Heard): void {
  for (const { kind, state, code } of NEEDS_PERSON) {
    const those = running.filter((each) => each.kind === kind && each.state === state)
    const lines = those.map(({ name, cause }) => `${name}: ${cause?.message ?? state}`)
    tell(conditions, code, lines.length === 0 ? undefined : lines.join('; '))
  }
  const isLeftAlone = hubQueue?.state === 'quarantined'
  tell(conditions, 'hub_queue_quarantined', isLeftAlone ? (hubQueue.cause?.message ?? hubQueue.state) : undefined)
}

/** A message is a line or two. */
const CHARACTERS_MAX = 1_000

function tell(conditions: Conditions, code: string, message: string | undefined): void {
  if (message === undefined) conditions.clear(code)
  else conditions.raise({ code, message: message.slice(0, CHARACTERS_MAX) })
}
