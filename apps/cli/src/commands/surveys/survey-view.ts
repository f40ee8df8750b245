/** Survey view: surveys and their statistics as tables. */
import type { Survey, SurveyColumnResult, SurveyResult } from '@skerry/contract/campaigns/survey'
import type { Style } from '../../program/terminal/style.ts'
import { factsOf, tableOf } from '../../program/terminal/table.ts'
import { countText, instantText } from '../../program/terminal/words.ts'
import { stateText } from '../campaigns/campaign-view.ts'

const WORDS = { train: 'counting', aggregate: 'adding counts' } as const

const phaseText = ({ phase, stage }: Survey): string =>
  (stage === undefined || stage === 'update') && phase in WORDS
    ? WORDS[phase as keyof typeof WORDS]
    : stateText({ phase, stage, isPaused: false })

const rowsText = (result: SurveyResult | undefined) =>
  result ? `${countText(result.rows, 'row')} of ${countText(result.devices, 'device')}` : ''

/** One line for each survey. */
export const surveysTable = (surveys: readonly Survey[], style: Style): string =>
  tableOf(
    style,
    ['SURVEY', 'DATA', 'STATE', 'RESULT', 'STARTED'],
    surveys.map((survey) => [
      survey.spec.name,
      survey.spec.data.name,
      phaseText(survey),
      rowsText(survey.result),
      instantText(survey.createdAtMs),
    ]),
    'no surveys yet; "skerry survey create" starts one from a file',
  )

/** The survey with its statistics. */
export function surveyText(survey: Survey, style: Style): string {
  const { spec, result, reason, createdAtMs, createdBy } = survey
  const { data, participants, privacy } = spec
  const facts = factsOf(style, [
    ['survey', spec.name],
    ['state', reason === undefined ? phaseText(survey) : `${phaseText(survey)}: ${reason}`],
    ['data', `${data.name}, rows of ${data.type} [${data.shape.join(', ')}], ${data.classes} classes`],
    ['devices', `at least ${participants.minimum} of ${participants.selector}`],
    ['privacy', privacyText(privacy, result)],
    ['result', rowsText(result) || 'none yet'],
    ['started', `${instantText(createdAtMs)} by ${createdBy}`],
  ])
  return result ? `${facts}\n\n${columnsTable(result.columns, style)}\n\n${classesTable(result, style)}` : facts
}

function privacyText(privacy: Survey['spec']['privacy'], result: SurveyResult | undefined): string {
  const masks = privacy?.masks
    ? 'masks: the hub receives sums only'
    : 'no masks: the hub receives the counts of each device'
  if (!privacy?.noise) return `${masks}; no noise`
  const spent = result?.epsilon === undefined ? '' : `, ε ${result.epsilon.toFixed(3)}`
  return `${masks}; noise${spent} at δ ${privacy.noise.delta}`
}

const figure = (value: number | undefined) => (value === undefined ? '' : String(Number(value.toPrecision(4))))

const valueAt = ({ quantiles }: SurveyColumnResult, wanted: number) =>
  figure(quantiles.find(({ share }) => share === wanted)?.value)

const columnsTable = (columns: readonly SurveyColumnResult[], style: Style): string =>
  tableOf(
    style,
    ['COLUMN', 'MEAN', 'DEVIATION', '5 %', 'MEDIAN', '95 %', 'BELOW', 'ABOVE', 'MISSING'],
    columns.map((column) => [
      column.name,
      figure(column.mean),
      figure(column.deviation),
      valueAt(column, 0.05),
      valueAt(column, 0.5),
      valueAt(column, 0.95),
      column.below,
      column.above,
      column.missing,
    ]),
    'the survey has no columns',
  )

const classesTable = ({ classes }: SurveyResult, style: Style): string =>
  tableOf(
    style,
    ['CLASS', 'ROWS'],
    classes.flatMap((rows, label) => (rows > 0 ? [[label, rows]] : [])),
    'no row has a class',
  )
