import { AccessGrantId } from '@skerry/contract/values/ids'
import { command, fits, required } from '../../program/command.ts'
import { REASON } from '../../program/options.ts'
import { countText } from '../../program/terminal/words.ts'
import { DEVICE } from './access-options.ts'

export const revokeAccess = command({
  name: 'access revoke',
  summary: 'Revoke a grant at once; its open sessions end',
  examples: ['skerry access revoke press-1 gra_abcdefgh234567 --reason "the work is done"'],
  arguments: {
    device: DEVICE,
    grant: required('<grant>', 'id of the grant, from "skerry access ls"', fits(AccessGrantId)),
  },
  options: { reason: REASON },
  async run({ device, grant, reason }, session) {
    const { client } = await session.hub()
    const revoked = await client.access.revoke({ device, grant, reason }, { signal: session.signal })
    const ended = revoked.openSessions > 0 ? `; ${countText(revoked.openSessions, 'session')} ended` : ''
    session.print({ json: revoked, text: () => `revoked ${revoked.id}${ended}` })
  },
})
