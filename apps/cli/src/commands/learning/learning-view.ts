/** Learning view: learnings, their candidates and their tags as tables. */
import type {
  LearnedTag,
  Learning,
  LearningCandidate,
  LearningFinding,
  LearningShadow,
  LearningTail,
} from '@skerry/contract/learning/learning'
import type { LearningMark, MarkedRows } from '@skerry/contract/learning/mark'
import { alarmFlowName } from '@skerry/core/learning/alarm-flow'
import type { Style } from '../../program/terminal/style.ts'
import { factsOf, tableOf } from '../../program/terminal/table.ts'
import { countText, instantText, sizeText } from '../../program/terminal/words.ts'

const WORDS = {
  waiting: 'waiting for the device',
  collect: 'collecting rows',
  train: 'comparing candidates',
  publish: 'publishing',
  shadow: 'in shadow',
  done: 'done',
  refused: 'refused',
  cancelled: 'cancelled',
} as const

type Stated = Pick<Learning, 'phase' | 'rows' | 'rowsWanted'> & { outcome?: Learning['outcome'] }

export function stateText({ phase, rows, rowsWanted, outcome }: Stated): string {
  if (phase === 'collect') return `${WORDS.collect}: ${rows} of ${rowsWanted}`
  return phase === 'shadow' && outcome?.shadow ? `${WORDS.shadow}: ${shadowText(outcome.shadow)}` : WORDS[phase]
}

const shadowText = ({ rows, rowsWanted, alarms }: LearningShadow) =>
  `${countText(alarms, 'alarm')} in ${rows} of ${rowsWanted} rows`

/** One line for each learning. */
export const learningsTable = (learnings: readonly Learning[], style: Style): string =>
  tableOf(
    style,
    ['LEARNING', 'DEVICE', 'SOURCE', 'TAGS', 'STATE', 'RESULT', 'STARTED'],
    learnings.map((learning) => [
      learning.spec.name,
      learning.spec.device,
      learning.spec.source,
      learning.spec.tags.length,
      stateText(learning),
      resultText(learning),
      instantText(learning.createdAtMs),
    ]),
    'no learnings yet; "skerry learn start" starts one',
  )

const resultText = ({ spec, modelVersion, detector = spec.name }: Learning) =>
  modelVersion === undefined ? '' : `${detector}:${modelVersion}`

function rowsText({ spec, rows, rowsWanted }: Learning): string {
  const of = spec.recording === undefined ? `of ${rowsWanted}` : `of the recording ${spec.recording}`
  return `${rows} ${of}, one each ${figure(spec.everyMs / 1_000)} s`
}

const percent = (share: number | undefined) => (share === undefined ? '' : `${(share * 100).toFixed(0)} %`)

const figure = (value: number) => String(Number(value.toPrecision(4)))

/** The learning with its candidates, its tags and its findings. */
export function learningText(learning: Learning, style: Style): string {
  const { spec, reason } = learning
  const state = reason === undefined ? stateText(learning) : `${stateText(learning)}: ${reason}`
  const facts = factsOf(style, [
    ['learning', spec.name],
    ['state', state],
    ['device', spec.device],
    ...(learning.fleet === undefined ? [] : [['order', learning.fleet] as const]),
    ['tags', `${spec.source}: ${spec.tags.join(', ')}`],
    ['rows', rowsText(learning)],
    ['false alarms', `at most one in ${countText(spec.falseAlarmDays, 'day')}`],
    ['detector', resultText(learning) || 'none'],
    [
      'alarm',
      learning.flowVersion === undefined
        ? 'none'
        : `${alarmFlowName(learning.detector ?? spec.name)}:${learning.flowVersion}`,
    ],
    ...outcomeFacts(learning),
    ['started', `${instantText(learning.createdAtMs)} by ${learning.createdBy}`],
  ])
  return [facts, ...outcomeParts(learning, style), ...marksParts(learning, style)].join('\n\n')
}

function outcomeFacts({ outcome }: Learning): (readonly [string, string])[] {
  const { tail, shadow, marked } = outcome ?? {}
  return [
    ...(tail ? [['threshold', tailText(tail)] as const] : []),
    ...(shadow ? [['shadow', shadowText(shadow)] as const] : []),
    ...(marked ? [['marks', markedText(marked)] as const] : []),
  ]
}

const tailText = ({ peaks, extrapolation }: LearningTail) =>
  `from ${countText(peaks, 'peak')}, ${figure(extrapolation)} times beyond the rows`

function outcomeParts({ outcome }: Learning, style: Style): string[] {
  if (!outcome) return []
  const { findings, shadow, candidates, chosen, tags } = outcome
  return [
    ...(findings.length > 0 ? [findingsText(findings)] : []),
    ...(shadow && shadow.alarms > 0 ? [shadowTable(shadow, style)] : []),
    ...(candidates.length > 0 ? [candidatesTable(candidates, chosen, style)] : []),
    ...(tags.length > 0 ? [tagsTable(tags, style)] : []),
  ]
}

const marksParts = ({ marks = [], outcome }: Learning, style: Style) =>
  marks.length > 0 ? [marksTable(marks, outcome?.marked, style)] : []

const findingsText = (findings: readonly LearningFinding[]) =>
  findings.map(({ code, message, advice }) => `${code}: ${message}\n  ${advice}`).join('\n')

const markedText = ({ marks, rows, leftOut, raised }: MarkedRows) =>
  `${countText(marks.length, 'mark')} counted: ${rows} more rows, ${leftOut} left out` +
  (raised > 1 ? `, and the threshold rose by a factor of ${figure(raised)}` : '')

const marksTable = (marks: readonly LearningMark[], counted: MarkedRows | undefined, style: Style) =>
  tableOf(
    style,
    ['MARK', 'KIND', 'FROM', 'UNTIL', 'ROWS', 'COUNTS', 'BY', 'REASON'],
    marks.map(({ id, kind, fromMs, toMs, rows, createdBy, reason }) => [
      id,
      kind,
      instantText(fromMs),
      instantText(toMs),
      kind === 'left-out' ? '' : (rows ?? 'not copied yet'),
      counted?.marks.includes(id) ? 'in this one' : 'in the next one',
      createdBy,
      reason,
    ]),
    'no marks',
  )

const shadowTable = ({ first }: LearningShadow, style: Style) =>
  tableOf(
    style,
    ['ALARM IN SHADOW', 'UNTIL', 'TAG', 'SCORE'],
    first.map(({ atMs, endedAtMs, tag, score }) => [instantText(atMs), instantText(endedAtMs), tag, figure(score)]),
    'no alarm',
  )

const candidatesTable = (candidates: readonly LearningCandidate[], chosen: string | undefined, style: Style) =>
  tableOf(
    style,
    [
      'CANDIDATE',
      'AUC',
      'STUCK',
      'SPIKE',
      'DRIFT',
      'SHIFT',
      'SWAP',
      'NAMED',
      'FALSE ALARMS',
      'STABILITY',
      'SIZE',
      'CHOSEN',
    ],
    candidates.map((one) => [
      one.kind,
      one.auc.toFixed(3),
      ...['stuck', 'spike', 'drift', 'shift', 'swap'].map((fault) => percent(one.detected[fault])),
      percent(one.named),
      `${one.falseAlarms} in ${one.heldOutRows}`,
      figure(one.stability),
      sizeText(one.bytes),
      one.kind === chosen ? 'yes' : '',
    ]),
    'no candidate',
  )

const tagsTable = (tags: readonly LearnedTag[], style: Style) =>
  tableOf(
    style,
    ['TAG', 'MEDIAN', 'SPREAD', 'USUAL SHARE'],
    tags.map(({ tag, median, spread, usualShare }) => [tag, figure(median), figure(spread), percent(usualShare)]),
    'no tag',
  )
