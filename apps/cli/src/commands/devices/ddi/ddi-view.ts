/** DDI view: the texts about devices without an agent. */
import type { DdiDevice } from '@skerry/contract/ddi/ddi-device'
import type { Style } from '../../../program/terminal/style.ts'
import { factsOf, tableOf } from '../../../program/terminal/table.ts'
import { instantText } from '../../../program/terminal/words.ts'

/** The settings of the updater, for the person who has just got the token. */
export function setupText({ url, tenant, controllerId }: DdiDevice, style: Style): string {
  if (url === undefined) return 'This hub has no DDI port; start it with --ddi-listen, or the device cannot poll.'
  const line = `swupdate ... -u "-S hawkbit -t ${tenant} -u ${url} -i ${controllerId} -k TOKEN"`
  return `${style.dim('On the device, SWUpdate needs:')} ${line}`
}

/** Each line of the device is shown on one line of the terminal. */
const LINE_CHARACTERS = 160

export function ddiText(device: DdiDevice, style: Style): string {
  const { name, site, controllerId, tenant, url, mustConfirm, attributes, installed, action, failed, lines } = device
  const facts = factsOf(style, [
    ['device', `${name}, at ${site}`],
    ['updater', 'speaks DDI; the device has no agent'],
    ['polls', url ?? 'this hub has no DDI port'],
    ['as', `${controllerId}, of the tenant ${tenant}`],
    [
      'image',
      installed ? `${installed.name}:${installed.version}, since ${instantText(installed.sinceMs)}` : 'unknown',
    ],
    ['order', action ? orderText(action) : 'none'],
    ...(failed ? [['failed', `${failed.message} (${failed.code})`] as const] : []),
    ...(mustConfirm ? [['owner', 'must accept each image'] as const] : []),
    ...Object.entries(attributes),
  ])
  const said = lines.map(({ atMs, action: id, text }) => [
    instantText(atMs) ?? '',
    String(id),
    text.slice(0, LINE_CHARACTERS),
  ])
  return `${facts}\n\n${tableOf(style, ['TIME', 'ORDER', 'THE DEVICE SAID'], said, 'the device has said nothing yet')}`
}

function orderText({ id, name, version, state, percent }: NonNullable<DdiDevice['action']>): string {
  const progress = percent === undefined ? '' : `, ${percent} %`
  return `${id}: ${name}:${version}, ${state}${progress}`
}
