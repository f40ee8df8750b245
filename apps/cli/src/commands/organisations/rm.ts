/** `skerry org rm` */
import type { Tenant } from '@skerry/contract/people/organisation'
import { asIs, command, flag, value } from '../../program/command.ts'
import { fail } from '../../program/failure.ts'
import { REASON } from '../../program/options.ts'
import type { Session } from '../../program/session.ts'
import { ORGANISATION } from './organisation-words.ts'

export const removeOrganisation = command({
  name: 'org rm',
  summary: 'Remove a disabled organisation with everything it has, but its audit trail',
  details:
    'In two steps: "skerry org disable" first, then this, with the name typed once more. Nobody can bring back what it deletes. The audit trail ' +
    'stays in the database, which nobody can delete; have the owner export it first with "skerry audit export".',
  examples: [
    'skerry org rm plant-north --reason "contract ended" --dry-run',
    'skerry org rm plant-north --reason "contract ended" --confirm plant-north',
  ],
  arguments: { organisation: ORGANISATION },
  options: {
    reason: REASON,
    confirm: value('--confirm <name>', 'the name of the organisation once more', asIs),
    dryRun: flag('--dry-run', 'only say what it would remove'),
  },
  async run({ organisation, reason, confirm, dryRun }, session) {
    const { client } = await session.hub()
    const { signal } = session
    const found = await client.organisation.get({ organisation }, { signal })
    const about = `${found.name} (${found.status}) with everything it has, but its audit trail`
    if (dryRun) return session.print({ json: found, text: () => `would remove ${about}` })
    const typed = confirm ?? (await askName(found, session))
    const removed = await client.organisation.remove({ organisation, reason, confirm: typed }, { signal })
    const { records, hash } = removed.trail
    session.print({
      json: removed,
      text: () =>
        `removed ${removed.name}; what it had is being deleted\nits audit trail stays: ${records} records, the last with the hash ${hash}`,
    })
  },
})

async function askName({ name }: Tenant, { io, signal }: Session): Promise<string> {
  if (!io.isInteractive) throw fail('confirmation_missing', `this would remove ${name}, and --confirm is missing`)
  return (await io.ask(`Type the name of the organisation to remove it for good: `, signal)).trim()
}
