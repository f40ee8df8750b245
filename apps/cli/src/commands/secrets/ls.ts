import { allRows } from '@skerry/client/page'
import { DeviceReference } from '@skerry/contract/api/fleet/device-procedures'
import type { DeviceSecrets, Secret } from '@skerry/contract/secrets/secret'
import { command, fits, value } from '../../program/command.ts'
import type { Style } from '../../program/terminal/style.ts'
import { tableOf } from '../../program/terminal/table.ts'
import { agoText } from '../../program/terminal/words.ts'
import { SCOPE_OPTIONS, scopeGiven } from './secret-reference.ts'

export const listSecrets = command({
  name: 'secret ls',
  summary: 'List secrets, without their values',
  examples: ['skerry secret ls', 'skerry secret ls --site rotterdam', 'skerry secret ls --on gateway-7'],
  arguments: {},
  options: {
    ...SCOPE_OPTIONS,
    on: value('--on <device>', 'secrets that apply to this device, and whether it has them', fits(DeviceReference)),
  },
  async run({ on, ...values }, session) {
    const { client } = await session.hub()
    const { signal, style } = session
    const nowMs = session.io.nowMs()
    if (on !== undefined) {
      const found = await client.secret.ofDevice({ device: on }, { signal })
      return session.print({
        json: found,
        text: () => `${tableText(style, found.secrets, nowMs)}\n\n${HELD[found.state](found.device)}`,
      })
    }
    const scope = scopeGiven(values)
    const secrets = await allRows((page) => client.secret.list({ ...page, ...(scope && { scope }) }, { signal }))
    session.print({ json: secrets, text: () => tableText(style, secrets, nowMs) })
  },
})

const HELD: Readonly<Record<DeviceSecrets['state'], (device: string) => string>> = {
  current: (device) => `${device} has them.`,
  behind: (device) => `${device} does not have the newest state yet; it gets it when it connects.`,
  none: (device) => `${device} has none.`,
}

function tableText(style: Style, secrets: readonly Secret[], nowMs: number): string {
  const rows = secrets.toSorted((one, other) => (`${one.name} ${one.scope}` < `${other.name} ${other.scope}` ? -1 : 1))
  return tableOf(
    style,
    ['NAME', 'SCOPE', 'VERSION', 'BYTES', 'SET', 'BY'],
    rows.map(({ name, scope, version, sizeBytes, updatedAtMs, updatedBy }) => [
      name,
      scope,
      version,
      sizeBytes,
      agoText(updatedAtMs, nowMs),
      updatedBy,
    ]),
    'no secrets; set one with "skerry secret set"',
  )
}
