/** Device view: one device with all details, for people. */

import type { NamedBuild } from '@skerry/contract/builds/named-build'
import type { Device, DeviceDetail, DeviceLink, DeviceStatus, LinkEnd, Liveness } from '@skerry/contract/devices/device'
import type { DeviceItem } from '@skerry/contract/devices/device-item'
import type { ItemReport, ItemState, ShadowStats } from '@skerry/contract/devices/item'
import { buildName, speedWords } from '@skerry/core/builds/build-words'
import { causeText, retryCommand } from '@skerry/core/devices/cause-words'
import { hardwareClassOf } from '@skerry/core/devices/hardware-class'
import { isPastHealth, isSilent, isStopped, shownHealth, spokenLiveness } from '@skerry/core/devices/tense'
import { lineWords, statedWords } from '@skerry/core/places/line-text'
import type { Session } from '../../../program/session.ts'
import type { Style } from '../../../program/terminal/style.ts'
import { factsOf, tableOf } from '../../../program/terminal/table.ts'
import { agoText, durationText, instantText, labelsText, sizeText } from '../../../program/terminal/words.ts'
import { residencyLines } from './residency-lines.ts'

/** A device with its properties, its own report, and its models. */
export function deviceText(device: DeviceDetail, { style, io }: Pick<Session, 'style' | 'io'>): string {
  const isOld = isSilent(spokenLiveness(device))
  const reported = agoText(device.lastSeenAtMs, io.nowMs())
  const old =
    isOld && reported !== undefined
      ? [`${style.yellow('!')} ${awayText(device)}: machine, models and problems are as reported ${reported}`]
      : []
  const facts = factsOf(style, [...identityOf(device, style, io.nowMs()), ...machineOf(device)])
  const items = tableOf(
    style,
    ['NAME', 'TARGET', 'STATE', 'SINCE', isOld ? 'SERVED' : 'SERVING', 'REQUESTS', 'FAILURES', 'P50', 'P99', 'WHY'],
    device.items.map((item) => itemRow(item, style, io.nowMs())),
    'nothing runs on it',
  )
  const conditions = device.conditions.map(({ code, message }) => `${style.yellow('!')} ${code}: ${message}`)
  const { duplicate } = device
  const twice = duplicate
    ? [
        `${style.red('!')} in two places at once, with one key: at ${duplicate.kept}, and at ${duplicate.other} (${duplicate.times} times since ${instantText(duplicate.sinceMs)})`,
      ]
    : []
  return [
    facts,
    ...twice,
    ...old,
    '',
    items,
    ...rememberedLines(device, style),
    ...buildLines(device.items),
    ...shadowLines(device.items),
    ...droppedLines(device.items),
    ...figureLines(device.items),
    ...residencyLines(device),
    ...conditions,
  ].join('\n')
}

const awayText = (device: Device): string => {
  if (isStopped(device)) return 'its agent was stopped; start it'
  return device.link.connected ? 'silent' : 'not connected'
}

export function statusText(status: DeviceStatus, style: Style): string {
  if (status === 'active') return status
  return status === 'revoked' || status === 'wiping' || status === 'wiped' ? style.red(status) : style.yellow(status)
}

/**
 * `healthy` in green, `failed` and `revoked` in red, all others in yellow. `stopped` is a stale device whose agent was
 * stopped. `was healthy` is the last report of a device that is not connected any more. An old hub does not send the
 * health.
 */
export function healthText(device: Pick<Device, 'health' | 'liveness' | 'link'>, style: Style): string | undefined {
  const health = shownHealth(device)
  if (health === undefined) return undefined
  if (isPastHealth(device)) return style.yellow(`was ${health}`)
  if (health === 'healthy') return style.green(health)
  return health === 'failed' || health === 'revoked' ? style.red(health) : style.yellow(health)
}

export function livenessText(liveness: Liveness, style: Style): string {
  return liveness === 'online' ? style.green(liveness) : style.yellow(liveness)
}

/** `yes, for 3 min`, or `no, for 12 s: its agent was stopped`. */
export function connectedText({ connected, sinceMs, ended }: DeviceLink, style: Style, nowMs: number): string {
  const since = sinceMs === undefined ? ', and never was' : `, for ${durationText(Math.max(0, nowMs - sinceMs))}`
  if (connected) return style.green(`yes${since}`)
  return style.yellow(`no${since}${ended === undefined ? '' : `: ${LINK_ENDS[ended]}`}`)
}

const LINK_ENDS: Readonly<Record<LinkEnd, string>> = {
  goodbye: 'its agent was stopped',
  closed: 'the connection was lost',
  hub: 'its hub ended',
}

/** `active` in green, `failed` in red, all others without a colour. */
export function stateText(state: ItemState, style: Style): string {
  if (state === 'active') return style.green(state)
  return state === 'failed' ? style.red(state) : state
}

type Facts = [string, string | number | undefined][]

function identityOf(device: DeviceDetail, style: Style, nowMs: number): Facts {
  const { certificate, endpoints } = device
  return [
    ['name', device.name],
    ['id', device.id],
    ['site', device.site],
    ['labels', labelsText(device.labels)],
    ['status', statusText(device.status, style)],
    ['connected', connectedText(device.link, style, nowMs)],
    [
      'heard',
      `${isStopped(device) ? style.yellow('stopped') : livenessText(device.liveness, style)} (${agoText(device.lastSeenAtMs, nowMs) ?? 'never'})`,
    ],
    ['generation', `follows ${device.observedGeneration} of ${device.generation}`],
    ['certificate', certificate && `until ${instantText(certificate.notAfterMs)}, ${certificate.fingerprint}`],
    ['rest', endpoints.rest],
    ['grpc', endpoints.grpc],
    ['joined', instantText(device.createdAtMs)],
  ]
}

function machineOf({ inventory, agentVersion }: DeviceDetail): Facts {
  if (!inventory) return [['agent', agentVersion]]
  return [
    ['agent', agentVersion],
    ['host', inventory.hostname],
    ['system', `${inventory.os}, ${inventory.arch}`],
    ['processor', `${inventory.cpuCount} × ${inventory.cpuModel}`],
    ['class', classText(inventory)],
    ['memory', sizeText(inventory.memoryBytes)],
    ['disk free', sizeText(inventory.diskFreeBytes)],
    ['capabilities', inventory.capabilities.join(', ')],
    ['opset', `up to ${inventory.opsetMax}`],
    ['line', lineWords(inventory.line)],
    ['states', statedWords(inventory.stated)],
  ]
}

function classText(inventory: NonNullable<DeviceDetail['inventory']>): string | undefined {
  const hardwareClass = hardwareClassOf(inventory)
  return hardwareClass !== undefined && inventory.hardware?.masked ? `${hardwareClass}, masked` : hardwareClass
}

/** A line for each version that the device does not try again. */
const rememberedLines = ({ name: device, remembered = [] }: DeviceDetail, style: Style): string[] =>
  remembered.map(({ name, version, deployment, cause }) => {
    const why = causeText({ ...cause, remembered: true }, retryCommand(device, deployment))
    return `${style.yellow('!')} ${name}:${version} is ${why}`
  })

/** A line for each item that is a build, with the reason for it. */
const buildLines = (items: readonly DeviceItem[]): string[] =>
  items.flatMap(({ name, target, serving, servingBuild, targetBuild }) => [
    ...(serving && servingBuild ? [`${name}:${serving.version}, ${buildLine(servingBuild)}`] : []),
    ...(targetBuild && targetBuild.build !== servingBuild?.build
      ? [`${name}:${target.version}, target ${buildLine(targetBuild)}`]
      : []),
  ])

function buildLine(build: NamedBuild): string {
  const words = speedWords(build)
  return words === undefined ? buildName(build) : `${buildName(build)}: ${words}`
}

/** A line for each item whose answers were compared with those of the version that served. */
const shadowLines = (items: readonly ItemReport[]): string[] =>
  items.flatMap(({ name: model, target, shadow }) =>
    shadow ? [`${model} ${target.version} as a shadow: ${shadowWords(shadow)}`] : [],
  )

/** A line for each flow whose queues dropped values. That is no failure, but people should see it. */
const droppedLines = (items: readonly ItemReport[]): string[] =>
  items.flatMap(({ name: model, serving, stats }) =>
    stats?.dropped
      ? [`${model} ${serving?.version ?? ''}: its queues dropped ${stats.dropped} values, as configured`]
      : [],
  )

/** A line for each item that reports figures of its kind. */
const figureLines = (items: readonly ItemReport[]): string[] =>
  items.flatMap(({ name, serving, figures = {} }) => {
    const words = Object.entries(figures).map(([figure, value]) => `${figure} ${value}`)
    return words.length === 0 ? [] : [`${name} ${serving?.version ?? ''}: ${words.join(', ')}`]
  })

/** `198 answers compared, 2 wrong (differs by up to 0.5), 0 errors, 12 left out, p99 3.1 ms` */
export function shadowWords({ compared, mismatched, errors, dropped, maxDifference, p99Us }: ShadowStats): string {
  const far = maxDifference === undefined ? '' : ` (differs by up to ${Number(maxDifference.toPrecision(3))})`
  return [
    `${compared} answers compared`,
    `${mismatched} wrong${far}`,
    `${errors} errors`,
    `${dropped} left out`,
    ...(p99Us === undefined ? [] : [`p99 ${(p99Us / 1_000).toFixed(1)} ms`]),
  ].join(', ')
}

function itemRow(
  { name: model, target, state, sinceMs, serving, stats, cause }: ItemReport,
  style: Style,
  nowMs: number,
) {
  return [
    model,
    target.version,
    stateText(state, style),
    agoText(sinceMs, nowMs),
    serving?.version,
    stats?.requests,
    stats?.failures,
    stats?.p50Us === undefined ? undefined : `${(stats.p50Us / 1_000).toFixed(1)} ms`,
    stats?.p99Us === undefined ? undefined : `${(stats.p99Us / 1_000).toFixed(1)} ms`,
    cause && causeText(cause),
  ]
}
