import type { Tenant } from '@skerry/contract/people/organisation'
import { asIs, command, flag, value } from '../../program/command.ts'
import { fail } from '../../program/failure.ts'
import { REASON } from '../../program/options.ts'
import type { Session } from '../../program/session.ts'
import { ORGANISATION } from './organisation-words.ts'

export const removeOrganisation = command({
  name: 'org rm',
  summary: 'Remove a disabled organisation with everything except its audit log',
  details:
    'In two steps: "skerry org disable" first, then this, with the name typed again. Deleted data cannot be restored. The audit log ' +
    'stays in the database, and nobody can delete it there. Let the owner export it first with "skerry audit export".',
  examples: [
    'skerry org rm plant-north --reason "contract ended" --dry-run',
    'skerry org rm plant-north --reason "contract ended" --confirm plant-north',
  ],
  arguments: { organisation: ORGANISATION },
  options: {
    reason: REASON,
    confirm: value('--confirm <name>', 'the name of the organisation again', asIs),
    dryRun: flag('--dry-run', 'show what it would remove, and change nothing'),
  },
  async run({ organisation, reason, confirm, dryRun }, session) {
    const { client } = await session.hub()
    const { signal } = session
    const found = await client.organisation.get({ organisation }, { signal })
    const about = `${found.name} (${found.status}) with everything except its audit log`
    if (dryRun) return session.print({ json: found, text: () => `would remove ${about}` })
    const typed = confirm ?? (await askName(found, session))
    const removed = await client.organisation.remove({ organisation, reason, confirm: typed }, { signal })
    const { records, hash } = removed.trail
    session.print({
      json: removed,
      text: () =>
        `removed ${removed.name}; the hub is deleting its data\nits audit log stays: ${records} records, the last with the hash ${hash}`,
    })
  },
})

async function askName({ name }: Tenant, { io, signal }: Session): Promise<string> {
  if (!io.isInteractive) throw fail('confirmation_missing', `this would remove ${name}, but --confirm is missing`)
  return (await io.ask(`Type the name of the organisation to remove it for good: `, signal)).trim()
}
