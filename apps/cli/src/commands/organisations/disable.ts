/** `skerry org disable` */
import { command } from '../../program/command.ts'
import { REASON, YES } from '../../program/options.ts'
import { ORGANISATION } from './organisation-words.ts'

export const disableOrganisation = command({
  name: 'org disable',
  summary: 'Disable an organisation: sessions end, keys are rejected, links of devices close',
  details: 'Devices continue to serve, and come back by themselves once the organisation is enabled again.',
  examples: ['skerry org disable plant-north --reason "unpaid" --yes'],
  arguments: { organisation: ORGANISATION },
  options: { reason: REASON, yes: YES },
  async run({ organisation, reason, yes }, session) {
    const { client } = await session.hub()
    await session.confirm(
      `disable ${organisation}: its people and keys are locked out, and its devices get no changes`,
      yes,
    )
    const found = await client.organisation.disable({ organisation, reason }, { signal: session.signal })
    session.print({ json: found, text: () => `${found.name} is ${found.status} now` })
  },
})
