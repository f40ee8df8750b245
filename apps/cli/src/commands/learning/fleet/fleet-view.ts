/** Fleet view: orders by which each of several machines learns, and the state of each machine, as tables. */
import type {
  JointDetector,
  LearningFleet,
  LearningFleetMember,
  LearningFleetUndone,
  LeftOutDevice,
} from '@skerry/contract/learning/learning-fleet'
import type { Style } from '../../../program/terminal/style.ts'
import { factsOf, tableOf } from '../../../program/terminal/table.ts'
import { countText, instantText } from '../../../program/terminal/words.ts'
import { stateText } from '../learning-view.ts'

type Counted = Pick<LearningFleet, 'phases' | 'leftOut'>

/** `2 devices: 1 done, 1 refused, 1 left out`. */
export function phasesText({ phases, leftOut }: Counted): string {
  const counts = Object.entries(phases)
  const devices = counts.reduce((sum, [, count]) => sum + count, 0)
  const parts = counts.map(([phase, count]) => `${count} ${phase}`)
  const more = leftOut.length > 0 ? [`${leftOut.length} left out`] : []
  return `${countText(devices, 'device')}: ${[...parts, ...more].join(', ')}`
}

/** One line for each order. */
export const learningFleetsTable = (fleets: readonly LearningFleet[], style: Style): string =>
  tableOf(
    style,
    ['ORDER', 'SELECTOR', 'SOURCE', 'TAGS', 'STATE', 'STARTED'],
    fleets.map(({ spec, createdAtMs, ...fleet }) => [
      spec.name,
      spec.selector,
      spec.source,
      spec.tags.length,
      phasesText(fleet),
      instantText(createdAtMs),
    ]),
    'no orders yet; "skerry learn fleet start" starts one',
  )

export function startedText({ spec: { name }, members = [], leftOut }: LearningFleet): string {
  const begun = `${countText(members.length, 'device')} will learn for ${name}; "skerry learn fleet show ${name}" has their states`
  return [begun, ...leftOut.map(leftOutText)].join('\n')
}

const leftOutText = ({ device, reason }: LeftOutDevice) => `${device} is left out: ${reason}`

/** The order with a line for each machine. */
export function learningFleetText(fleet: LearningFleet, style: Style): string {
  const { spec, members = [], leftOut, createdAtMs, createdBy } = fleet
  const facts = factsOf(style, [
    ['order', spec.name],
    ['state', phasesText(fleet)],
    ['selector', spec.selector],
    ['tags', `${spec.source}: ${spec.tags.join(', ')}`],
    ...(fleet.joint ? [['together', jointText(spec.name, fleet.joint)] as const] : []),
    ['started', `${instantText(createdAtMs)} by ${createdBy}`],
  ])
  return [facts, membersTable(members, style), ...(leftOut.length > 0 ? [leftOutTable(leftOut, style)] : [])].join(
    '\n\n',
  )
}

/** `pump:1; joined from 3 devices with 4200 windows`. */
function jointText(name: string, { devices, rows = 0, modelVersion, reason }: JointDetector): string {
  const parts: string[] = []
  if (modelVersion !== undefined) parts.push(`${name}:${modelVersion}`)
  if (devices !== undefined) parts.push(`joined from ${countText(devices, 'device')} with ${countText(rows, 'window')}`)
  if (reason !== undefined) parts.push(reason)
  return parts.length === 0 ? 'waits for the parts of the devices' : parts.join('; ')
}

const membersTable = (members: readonly LearningFleetMember[], style: Style) =>
  tableOf(
    style,
    ['DEVICE', 'STATE', 'DETECTOR', 'AUC', 'SHADOW ALARMS', 'DEPLOYED', 'REASON'],
    members.map((member) => [
      member.device,
      stateText({ ...member, outcome: undefined }),
      detectorText(member),
      member.auc?.toFixed(3) ?? '',
      member.shadowAlarms ?? '',
      member.isDeployed ? 'yes' : 'no',
      member.reason ?? '',
    ]),
    'no device learns',
  )

const detectorText = ({ learning, modelVersion, chosen }: LearningFleetMember) => {
  if (modelVersion === undefined) return ''
  return chosen === 'joint'
    ? `joint:${modelVersion}`
    : `${learning}:${modelVersion}${chosen === undefined ? '' : ` (${chosen})`}`
}

const leftOutTable = (leftOut: readonly LeftOutDevice[], style: Style) =>
  tableOf(
    style,
    ['LEFT OUT', 'REASON'],
    leftOut.map(({ device, reason }) => [device, reason]),
    'none',
  )

/** The devices of an undo, with the reasons of failures. */
export function undoneText(name: string, { undone, unchanged, failed }: LearningFleetUndone, style: Style): string {
  const line = `${name}: ${countText(undone.length, 'device')} undone, ${unchanged.length} without a deployment of it`
  if (failed.length === 0) return line
  const table = tableOf(
    style,
    ['FAILED', 'REASON'],
    failed.map(({ device, reason }) => [device, reason]),
    'none',
  )
  return `${line}\n\n${table}`
}
