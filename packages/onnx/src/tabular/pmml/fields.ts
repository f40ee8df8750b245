/** Fields: the columns, the target and the aliases of a PMML model, and the reasons why a file cannot be expressed. */
import { CLASSES_MAX, COLUMNS_MAX } from '@skerry/contract/models/tabular/estimator'
import { quote, type Refusal, rejectModel } from '../../refusal.ts'
import type { XmlElement } from './xml.ts'

/** Ends the reading with a reason. It never leaves this folder. */
export class Unreadable extends Error {
  readonly refusal: Refusal
  constructor(refusal: Refusal) {
    super(refusal.message)
    this.refusal = refusal
  }
}

export const invalidPmml = (message: string): Unreadable => new Unreadable(rejectModel('model_form_invalid', message))
export const unsupportedPmml = (what: string): Unreadable =>
  new Unreadable(rejectModel('model_form_unsupported', `${what} of PMML cannot be expressed; export the model as ONNX`))

/** Names come from the file. */
export const quoted: (name: string | undefined) => string = (name) => quote(name ?? '')

export const childrenOf = ({ children }: XmlElement, name: string): XmlElement[] =>
  children.filter((child) => child.name === name)

export const childOf = (element: XmlElement, name: string): XmlElement | undefined =>
  element.children.find((child) => child.name === name)

/** The number in an attribute; the usual one if the attribute is absent. */
export function numberIn({ name, attributes }: XmlElement, key: string, usual?: number): number {
  const text = attributes[key]?.trim()
  if (text === undefined && usual !== undefined) return usual
  const value = text ? Number(text) : Number.NaN
  if (!Number.isFinite(value)) throw invalidPmml(`${key} of ${name} must be a number`)
  return value
}

export type PmmlFields = {
  columns: readonly string[]
  /** The place of a column by its name or by another name of it. */
  placeOf: (name: string | undefined) => number
  isClassifier: boolean
  /** Of a classifier, in the order of its probabilities. */
  classes: readonly string[]
}

/** Reads the fields of a document whose model is given. */
export function readFields(root: XmlElement, model: XmlElement): PmmlFields {
  const dictionary = childOf(root, 'DataDictionary')
  const schema = childOf(model, 'MiningSchema')
  if (!dictionary || !schema) throw invalidPmml('DataDictionary or MiningSchema is missing')
  const known = new Map(childrenOf(dictionary, 'DataField').map((field) => [field.attributes.name ?? '', field]))
  const fields = childrenOf(schema, 'MiningField')
  const isTarget = ({ attributes }: XmlElement) => ['target', 'predicted'].includes(attributes.usageType ?? '')
  const active = fields.filter(({ attributes }) => (attributes.usageType ?? 'active') === 'active')
  if (active.length === 0 || active.length > COLUMNS_MAX)
    throw invalidPmml(`there must be 1 to ${COLUMNS_MAX} active fields`)
  for (const field of active) refuseField(field, known.get(field.attributes.name ?? ''))
  const target = fields.find(isTarget)
  const isClassifier = model.attributes.functionName === 'classification'
  if (!isClassifier && model.attributes.functionName !== 'regression')
    throw unsupportedPmml(`the function ${quoted(model.attributes.functionName)}`)
  const columns = active.map(({ attributes }) => attributes.name ?? '')
  return {
    columns,
    placeOf: placesOf(columns, aliasesIn(root, model)),
    isClassifier,
    classes: isClassifier ? classesOf(known.get(target?.attributes.name ?? ''), model) : [],
  }
}

/** Each cell is a number, and a missing cell is missing for the model, too. */
function refuseField({ attributes }: XmlElement, data: XmlElement | undefined): void {
  const name = quoted(attributes.name)
  if (!data) throw invalidPmml(`the field ${name} is not in the DataDictionary`)
  if (
    data.attributes.optype === 'categorical' &&
    !['double', 'float', 'integer'].includes(data.attributes.dataType ?? '')
  )
    throw unsupportedPmml(`the field ${name} of texts`)
  const changing = ['missingValueReplacement', 'outliers', 'lowValue', 'highValue'].find(
    (key) => attributes[key] !== undefined && attributes[key] !== 'asIs',
  )
  if (changing !== undefined) throw unsupportedPmml(`${changing} of the field ${name}`)
}

/** A derived field that only converts a type is another name of its field. */
function aliasesIn(root: XmlElement, model: XmlElement): Map<string, string> {
  const places = [childOf(root, 'TransformationDictionary'), childOf(model, 'LocalTransformations')]
  const derived = places.flatMap((place) => (place ? childrenOf(place, 'DerivedField') : []))
  return new Map(
    derived.map((field) => {
      const [expression] = field.children.filter(({ name }) => name !== 'Extension')
      if (expression?.name !== 'FieldRef') throw unsupportedPmml(`the derived field ${quoted(field.attributes.name)}`)
      return [field.attributes.name ?? '', expression.attributes.field ?? '']
    }),
  )
}

/** An alias of an alias is followed as often as there are aliases: a circle ends, too. */
function placesOf(columns: readonly string[], aliases: ReadonlyMap<string, string>): PmmlFields['placeOf'] {
  const places = new Map(columns.map((name, at) => [name, at]))
  return (name = '') => {
    let own = name
    for (let steps = 0; steps <= aliases.size; steps++) {
      const place = places.get(own)
      if (place !== undefined) return place
      own = aliases.get(own) ?? own
    }
    throw invalidPmml(`the field ${quoted(name)} is not active`)
  }
}

/** The values of the target, or the values that the output of the model names. */
function classesOf(target: XmlElement | undefined, model: XmlElement): string[] {
  const listed = target ? childrenOf(target, 'Value').flatMap(({ attributes }) => attributes.value ?? []) : []
  const output = childOf(model, 'Output')
  const named = output ? childrenOf(output, 'OutputField').flatMap(({ attributes }) => attributes.value ?? []) : []
  const classes = [...new Set(listed.length > 0 ? listed : named)]
  if (classes.length < 2 || classes.length > CLASSES_MAX)
    throw invalidPmml(`the target must have 2 to ${CLASSES_MAX} values in the DataDictionary`)
  return classes
}
