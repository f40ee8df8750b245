/** Pair view: pairs and their devices as text. */
import type { Pair, PairDevice } from '@skerry/contract/pairs/pair'
import type { Style } from '../../program/terminal/style.ts'
import { factsOf, tableOf } from '../../program/terminal/table.ts'
import { instantText } from '../../program/terminal/words.ts'

const STATES: Readonly<Record<Pair['state'], string>> = {
  protected: 'protected',
  unprotected: 'without protection',
  'none-active': 'no device is active',
  unknown: 'unknown',
}

const REASONS: Readonly<Record<NonNullable<Pair['active']>['reason'], string>> = {
  start: 'nobody was active before',
  lost: 'the other device fell silent',
  switched: 'planned switch',
}

export const pairsTable = (pairs: readonly Pair[], style: Style): string =>
  tableOf(
    style,
    ['NAME', 'STATE', 'ACTIVE', 'MEMBERS', 'WITNESS', 'ADDRESS'],
    pairs.map(({ name, state, active, spec }) => [
      name,
      STATES[state],
      active?.device,
      spec.members.join(', '),
      spec.witness,
      spec.address,
    ]),
    'no pairs yet; make one with "skerry pair create"',
  )

export function pairText(pair: Pair, style: Style): string {
  const { name, state, active, spec, problems, switchTo, createdAtMs, createdBy, devices } = pair
  const facts = factsOf(style, [
    ['name', name],
    ['state', STATES[state]],
    ['active', active && `${active.device} since ${instantText(active.sinceMs)} (${REASONS[active.reason]})`],
    ['epoch', active?.epoch],
    ['switch to', switchTo],
    ['address', `${spec.address} on ${spec.interface}`],
    ['created', `${instantText(createdAtMs)} by ${createdBy}`],
  ])
  const rows = devices.map((device) => rowOf(device))
  const table = tableOf(style, ['DEVICE', 'PART', 'SINCE', 'HUB', 'CANNOT REACH'], rows, 'no devices')
  return [facts, '', table, ...problems.map((text) => `! ${text}`)].join('\n')
}

const rowOf = ({ device, role, sinceMs, isConnected, unreached = [] }: PairDevice) => [
  device,
  role ?? 'not reported',
  sinceMs === undefined ? undefined : instantText(sinceMs),
  isConnected ? 'connected' : 'away',
  unreached.join(', '),
]
