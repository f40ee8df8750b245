/** Learning view: learnings, their candidates and their tags as tables. */
import type { LearnedTag, Learning, LearningCandidate, LearningFinding } from '@skerry/contract/learning/learning'
import { alarmFlowName } from '@skerry/core/learning/alarm-flow'
import type { Style } from '../../program/terminal/style.ts'
import { factsOf, tableOf } from '../../program/terminal/table.ts'
import { countText, instantText, sizeText } from '../../program/terminal/words.ts'

const WORDS = {
  waiting: 'waiting for the device',
  collect: 'collecting rows',
  train: 'comparing candidates',
  publish: 'publishing',
  done: 'done',
  refused: 'refused',
  cancelled: 'cancelled',
} as const

export const stateText = ({ phase, rows, rowsWanted }: Pick<Learning, 'phase' | 'rows' | 'rowsWanted'>): string =>
  phase === 'collect' ? `${WORDS.collect}: ${rows} of ${rowsWanted}` : WORDS[phase]

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

const resultText = ({ spec, modelVersion }: Learning) =>
  modelVersion === undefined ? '' : `${spec.name}:${modelVersion}`

const percent = (share: number | undefined) => (share === undefined ? '' : `${(share * 100).toFixed(0)} %`)

const figure = (value: number) => String(Number(value.toPrecision(4)))

/** The learning with its candidates, its tags and its findings. */
export function learningText(learning: Learning, style: Style): string {
  const { spec, outcome, reason } = learning
  const state = reason === undefined ? stateText(learning) : `${stateText(learning)}: ${reason}`
  const facts = factsOf(style, [
    ['learning', spec.name],
    ['state', state],
    ['device', spec.device],
    ['tags', `${spec.source}: ${spec.tags.join(', ')}`],
    ['rows', `${learning.rows} of ${learning.rowsWanted}, one each ${figure(spec.everyMs / 1_000)} s`],
    ['false alarms', `at most one in ${countText(spec.falseAlarmDays, 'day')}`],
    ['detector', resultText(learning) || 'none'],
    ['alarm', learning.flowVersion === undefined ? 'none' : `${alarmFlowName(spec.name)}:${learning.flowVersion}`],
    ...(outcome?.tail
      ? [
          [
            'threshold',
            `from ${countText(outcome.tail.peaks, 'peak')}, ${figure(outcome.tail.extrapolation)} times beyond the rows`,
          ] as const,
        ]
      : []),
    ['started', `${instantText(learning.createdAtMs)} by ${learning.createdBy}`],
  ])
  const parts = outcome
    ? [
        ...(outcome.findings.length > 0 ? [findingsText(outcome.findings)] : []),
        ...(outcome.candidates.length > 0 ? [candidatesTable(outcome.candidates, outcome.chosen, style)] : []),
        ...(outcome.tags.length > 0 ? [tagsTable(outcome.tags, style)] : []),
      ]
    : []
  return [facts, ...parts].join('\n\n')
}

const findingsText = (findings: readonly LearningFinding[]) =>
  findings.map(({ code, message, advice }) => `${code}: ${message}\n  ${advice}`).join('\n')

const candidatesTable = (candidates: readonly LearningCandidate[], chosen: string | undefined, style: Style) =>
  tableOf(
    style,
    ['CANDIDATE', 'AUC', 'STUCK', 'SPIKE', 'DRIFT', 'SWAP', 'NAMED', 'FALSE ALARMS', 'STABILITY', 'SIZE', 'CHOSEN'],
    candidates.map((one) => [
      one.kind,
      one.auc.toFixed(3),
      ...['stuck', 'spike', 'drift', 'swap'].map((fault) => percent(one.detected[fault])),
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
