/** `skerry certificate cancel` */
import { AuthorityId } from '@skerry/contract/values/ids'
import { command, fits, required } from '../../program/command.ts'

export const cancelCertificate = command({
  name: 'certificate cancel',
  summary: 'Delete a request, or an authority that has not signed yet, with its key',
  examples: ['skerry certificate cancel ca_abcdefgh234567'],
  arguments: { authority: required('<authority>', 'its id ("skerry certificate status")', fits(AuthorityId)) },
  options: {},
  async run({ authority }, session) {
    const { client } = await session.hub()
    await client.authority.cancel({ authority }, { signal: session.signal })
    session.print({ json: { authority }, text: () => `forgot ${authority}` })
  },
})
