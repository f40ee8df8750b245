/** Regression model: linear and logistic regressions of PMML, as a product of matrices [PMML 4.4, RegressionModel]. */
import type { Link } from '@skerry/contract/models/tabular/estimator'
import type { NamedTensor, NodePart } from '../../build.ts'
import { linearPart } from '../linear.ts'
import { childrenOf, invalidPmml, numberIn, type PmmlFields, quoted, unsupportedPmml } from './fields.ts'
import type { XmlElement } from './xml.ts'

export type RegressionPart = {
  nodes: NodePart[]
  initialisers: NamedTensor[]
  scores: number
  link: Link
  what: string
}

/** Reads the tables: one for a value, and one for each class. */
export function readRegression(model: XmlElement, fields: PmmlFields): RegressionPart {
  const tables = childrenOf(model, 'RegressionTable')
  const { normalizationMethod: method = 'none', modelName = 'RegressionModel' } = model.attributes
  const what = `${modelName}, ${method}`.slice(0, 500)
  if (!fields.isClassifier) {
    const [table] = tables
    if (!table || tables.length > 1) throw invalidPmml('a regression must have one RegressionTable')
    if (method !== 'none' && method !== 'exp')
      throw unsupportedPmml(`the normalization ${quoted(method)} of a regression`)
    return { ...linearPart([rowOf(table, fields)]), link: method, what }
  }
  const rows = fields.classes.map((name) => {
    const table = tables.find(({ attributes }) => attributes.targetCategory === name)
    if (!table) throw invalidPmml(`there is no RegressionTable of the class ${quoted(name)}`)
    return rowOf(table, fields)
  })
  if (tables.length !== rows.length) throw invalidPmml('a RegressionTable is of no class')
  if (method === 'softmax') return { ...linearPart(rows), link: 'softmax', what }
  if (method === 'logit' && rows.length === 2) return { ...linearPart([logitRow(rows)]), link: 'sigmoid', what }
  throw unsupportedPmml(`the normalization ${quoted(method)} of ${rows.length} classes`)
}

type Row = { coefficients: number[]; intercept: number }

/**
 * [RegressionModel, logit] For two classes the first table gives the probability of its class, and the second class has
 * the rest. The link here gives that of the second one, so the signs change.
 */
function logitRow([first, second]: readonly Row[]): Row {
  if (!first || !second) throw invalidPmml('a RegressionTable is missing')
  const isEmpty = (row: Row) => row.intercept === 0 && row.coefficients.every((one) => one === 0)
  if (isEmpty(second)) return { coefficients: first.coefficients.map((one) => -one), intercept: -first.intercept }
  if (isEmpty(first)) return second
  throw unsupportedPmml('a logit of two classes with two tables that are not empty')
}

function rowOf(table: XmlElement, { columns, placeOf }: PmmlFields): Row {
  const coefficients = columns.map(() => 0)
  for (const term of table.children) {
    if (term.name === 'Extension') continue
    if (term.name !== 'NumericPredictor') throw unsupportedPmml(`the term ${quoted(term.name)}`)
    if (numberIn(term, 'exponent', 1) !== 1) throw unsupportedPmml('a NumericPredictor with an exponent')
    const at = placeOf(term.attributes.name)
    coefficients[at] = (coefficients[at] ?? 0) + numberIn(term, 'coefficient')
  }
  return { coefficients, intercept: numberIn(table, 'intercept') }
}
