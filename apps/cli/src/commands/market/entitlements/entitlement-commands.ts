/** The commands on entitlements: a publisher issues them without a hub, and an organisation adds and lists them. */
import { writeFile } from 'node:fs/promises'
import { DeviceReference } from '@skerry/contract/api/fleet/device-procedures'
import { type Entitlement, EntitlementEnvelope, GRACE_DAYS_MAX } from '@skerry/contract/market/entitlement'
import { ShortName } from '@skerry/contract/market/listing'
import { Name } from '@skerry/contract/values/names'
import { signEntitlement } from '@skerry/platform/signatures/entitlement-signature'
import * as z from 'zod'
import {
  asIs,
  type Command,
  command,
  fits,
  fitsNumber,
  flag,
  needed,
  required,
  usually,
  value,
} from '../../../program/command.ts'
import { fail } from '../../../program/failure.ts'
import { readText } from '../../../program/input-file.ts'
import { REASON } from '../../../program/options.ts'
import type { Style } from '../../../program/terminal/style.ts'
import { tableOf } from '../../../program/terminal/table.ts'
import { instantText } from '../../../program/terminal/words.ts'
import { parseDuration } from '../../../program/values.ts'
import { readPublisherKey } from '../publish/catalogue-writer.ts'
import { PUBLISHER_KEY } from '../publish/publish-options.ts'

const LISTING = required('<listing>', 'name of the listing', fits(ShortName))

const issueEntitlement = command({
  name: 'market entitlement issue',
  summary: 'Sign an entitlement: an organisation may run a listing on so many devices until a time',
  details:
    'The command needs no hub. Send the file to the organisation, which adds it with "skerry market entitlement add". The key must be one by ' +
    'which the organisation trusts your catalogue. Listings with "entitlement: required" need one.',
  examples: [
    'skerry market entitlement issue level-watch --tenant default --devices 40 --for 365d --key publisher.pem --out level-watch.entitlement',
    'skerry market entitlement issue level-watch --tenant default --devices 2 --for 30d --trial --key publisher.pem --out trial.entitlement',
  ],
  arguments: { listing: LISTING },
  options: {
    tenant: needed('--tenant <organisation>', 'name of the organisation on its hub', fits(Name)),
    devices: needed('--devices <count>', 'number of devices', fitsNumber(z.int().min(1).max(1_000_000))),
    lifeSeconds: value('--for <duration>', 'time until its end, such as 365d; for ever if absent', parseDuration),
    graceDays: usually(
      '--grace <days>',
      '10',
      'days after the end in which upgrades go on',
      fitsNumber(z.int().min(0).max(GRACE_DAYS_MAX)),
    ),
    trial: flag('--trial', 'an organisation has one trial of a listing, once'),
    key: PUBLISHER_KEY,
    out: needed('--out <file>', 'file for the entitlement', asIs),
  },
  async run({ listing, tenant, devices, lifeSeconds, graceDays, trial, key, out }, session) {
    const nowMs = session.io.nowMs()
    const until = lifeSeconds === undefined ? {} : { untilMs: nowMs + lifeSeconds * 1_000 }
    const statement = { v: 1, tenant, listing, devices, issuedAtMs: nowMs, ...until, graceDays, trial } as const
    const envelope = signEntitlement(statement, await readPublisherKey(key))
    try {
      await writeFile(out, `${JSON.stringify(envelope)}\n`, { flag: 'wx' })
    } catch (cause) {
      throw fail('file_unwritable', `cannot write ${out}`, { cause })
    }
    session.print({ json: { file: out, statement }, text: () => `wrote ${out} for ${tenant}` })
  },
})

const addEntitlement = command({
  name: 'market entitlement add',
  summary: "Add a publisher's entitlement to your organisation",
  examples: ['skerry market entitlement add level-watch.entitlement'],
  arguments: { file: required('<file>', 'the file of the publisher', asIs) },
  options: {},
  async run({ file }, session) {
    const { client } = await session.hub()
    const envelope = readEnvelope(file, await readText(file))
    const added = await client.entitlement.add({ envelope }, { signal: session.signal })
    session.print({ json: added, text: () => entitlementsTable([added], session.style) })
  },
})

const listEntitlements = command({
  name: 'market entitlement ls',
  summary: 'List entitlements with their ends, and the emergency periods of devices',
  examples: ['skerry market entitlement ls'],
  arguments: {},
  options: {},
  async run(_, session) {
    const { client } = await session.hub()
    const found = await client.entitlement.list({}, { signal: session.signal })
    const emergencies = found.emergencies.map(
      ({ device, listing, untilMs }) => `${device} needs no entitlement to ${listing} until ${instantText(untilMs)}`,
    )
    session.print({
      json: found,
      text: () =>
        [entitlementsTable(found.rows, session.style), emergencies.join('\n')]
          .filter((part) => part !== '')
          .join('\n\n'),
    })
  },
})

const beginEmergency = command({
  name: 'market entitlement emergency',
  summary: 'Let a device run a listing without an entitlement for 10 days; each device once',
  details: 'It is for a device that was replaced, while a new entitlement is on its way. Nothing that runs needs it.',
  examples: ['skerry market entitlement emergency level-watch --device press-7 --reason "replaced after a fire"'],
  arguments: { listing: LISTING },
  options: { device: needed('--device <device>', 'name or id of the device', fits(DeviceReference)), reason: REASON },
  async run(input, session) {
    const { client } = await session.hub()
    const period = await client.entitlement.emergency(input, { signal: session.signal })
    session.print({
      json: period,
      text: () =>
        `${period.device} needs no entitlement to ${period.listing} until ${instantText(period.untilMs)}, and has no further period`,
    })
  },
})

function readEnvelope(file: string, text: string): EntitlementEnvelope {
  try {
    return EntitlementEnvelope.parse(JSON.parse(text))
  } catch (cause) {
    throw fail('file_invalid', `${file} is no entitlement`, { next: 'ask its publisher for the file', cause })
  }
}

const entitlementsTable = (rows: readonly Entitlement[], style: Style): string =>
  tableOf(
    style,
    ['LISTING', 'DEVICES', 'UNTIL', 'STATE', 'TRIAL', 'NOTICE'],
    rows.map(({ listing, devices, untilMs, state, trial, notice }) => [
      listing,
      devices,
      untilMs === undefined ? 'for ever' : instantText(untilMs),
      state === 'valid' ? style.green(state) : style.yellow(state),
      trial ? 'yes' : 'no',
      notice,
    ]),
    'no entitlements; "skerry market entitlement add" adds one',
  )

export const entitlementCommands: readonly Command[] = [
  issueEntitlement,
  addEntitlement,
  listEntitlements,
  beginEmergency,
]
