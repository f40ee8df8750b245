import { AccessSessionId } from '@skerry/contract/values/ids'
import { command, fits, required } from '../../program/command.ts'
import { REASON } from '../../program/options.ts'
import { DEVICE } from './access-options.ts'

export const stopAccessSession = command({
  name: 'access stop',
  summary: 'End one session at once; its grant stays',
  examples: ['skerry access stop press-1 acs_abcdefgh234567 --reason "the wrong machine"'],
  arguments: {
    device: DEVICE,
    id: required('<session>', 'id of the session, from "skerry access sessions"', fits(AccessSessionId)),
  },
  options: { reason: REASON },
  async run({ device, id, reason }, session) {
    const { client } = await session.hub()
    const stopped = await client.access.stop({ device, accessSession: id, reason }, { signal: session.signal })
    const isOver = stopped.endedAtMs !== undefined
    session.print({ json: stopped, text: () => `${stopped.id}: ${isOver ? 'it had ended already' : 'ended'}` })
  },
})
