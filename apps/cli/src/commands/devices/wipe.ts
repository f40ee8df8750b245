/** `skerry device wipe` */
import { DeviceReference } from '@skerry/contract/api/fleet/device-procedures'
import type { DeviceDetail } from '@skerry/contract/devices/device'
import { command, fits, flag, required } from '../../program/command.ts'
import { REASON, YES } from '../../program/options.ts'
import { agoText, countText } from '../../program/terminal/words.ts'

export const wipeDevice = command({
  name: 'device wipe',
  summary: 'Wipe a quarantined or revoked device: it deletes its models, keys, secrets and identity',
  details:
    'In two steps: "skerry device quarantine" (or revoke) first, then this. An offline device does it when it next connects. Deleted data cannot be restored; "skerry device revoke" stops a wipe that has not started.',
  examples: [
    'skerry device wipe gateway-1 --reason "stolen" --dry-run',
    'skerry device wipe gateway-1 --reason "stolen" --yes',
  ],
  arguments: { device: required('<device>', 'name or id of the device', fits(DeviceReference)) },
  options: { reason: REASON, dryRun: flag('--dry-run', 'show what it would delete, and change nothing'), yes: YES },
  async run({ device, reason, dryRun, yes }, session) {
    const { client } = await session.hub()
    const { signal, io } = session
    const detail = await client.device.get({ device }, { signal })
    const about = wipeText(detail, io.nowMs())
    if (dryRun) return session.print({ json: detail, text: () => `would delete ${about}` })
    await session.confirm(`delete ${about}`, yes)
    const wiped = await client.device.wipe({ device: detail.id, reason, confirm: detail.name }, { signal })
    session.print({
      json: wiped,
      text: () =>
        `${wiped.name} is ${wiped.status} now; "skerry device show ${wiped.name}" shows "wiped" once it has started`,
    })
  },
})

function wipeText({ name, site, status, items, lastSeenAtMs }: DeviceDetail, nowMs: number): string {
  const models = items.length === 0 ? 'no model' : items.map(({ name: model }) => model).join(', ')
  const heard = lastSeenAtMs === undefined ? 'never heard' : `last heard ${agoText(lastSeenAtMs, nowMs)}`
  return `everything that ${name} at ${site} has of this hub (${countText(items.length, 'item')}: ${models}; ${status}, ${heard})`
}
