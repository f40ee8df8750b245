/**
 * LightGBM and PMML by examples of their specifications: neither framework can be had here, so the expected answers are
 * computed by hand from the rules that the comments name.
 */
import { InferenceSession, Tensor } from '@skerry/inference/runtime/onnx-runtime'
import { expect, test } from 'vitest'
import { convertModel } from '../../src/tabular/convert.ts'

async function answersOf(text: string, rows: number[][], output = 'y'): Promise<number[]> {
  const converted = convertModel(Buffer.from(text))
  if (!converted.ok) throw new Error(converted.message)
  const session = await InferenceSession.create(converted.value.bytes, { logSeverityLevel: 4, intraOpNumThreads: 1 })
  try {
    const x = new Tensor('float32', Float32Array.from(rows.flat()), [rows.length, rows[0]?.length ?? 0])
    const { data } = (await session.run({ x }))[output] ?? {}
    return Array.from(data as Float32Array, Number)
  } finally {
    await session.release()
  }
}

const tree = (at: number, lines: string) => `Tree=${at}\n${lines}\nis_linear=0\nshrinkage=0.1\n\n\n`
const lightgbm = (objective: string, trees: string[], more = '', scores = 1) =>
  `tree\nversion=v4\nnum_class=${scores}\nnum_tree_per_iteration=${scores}\nlabel_index=0\nmax_feature_idx=1\nobjective=${objective}\n${more}feature_names=a b\nfeature_infos=[0:1] [0:9]\ntree_sizes=1\n\n${trees.join('')}end of trees\n\nfeature_importances:\na=1\n\nparameters:\n[boosting: gbdt]\nend of parameters\n`

/** a <= 0.5 ? (b <= 2 ? 1 : 2) : 3 */
const NESTED = (decision: number) =>
  `num_leaves=3\nnum_cat=0\nsplit_feature=0 1\nsplit_gain=1 1\nthreshold=0.5 2\ndecision_type=${decision} ${decision}\nleft_child=1 -1\nright_child=-3 -2\nleaf_value=1 2 3\nleaf_count=1 1 1\ninternal_value=0 0`

test('LightGBM: leaves are complements of children, thresholds belong to the left, and trees are added', async () => {
  const text = lightgbm('regression', [tree(0, NESTED(2)), tree(1, 'num_leaves=1\nnum_cat=0\nleaf_value=10')])
  const rows = [
    [0.5, 2],
    [0.5, 2.5],
    [0.6, 0],
  ]
  expect(await answersOf(text, rows)).toEqual([11, 12, 13])
})

// [tree.h, decision types] Bit 0: by category, bit 1: missing goes left, bits 2 and 3: none, zero or NaN is missing.
test.each([
  ['none: NaN counts as 0', 0, [Number.NaN, 5], 2],
  ['NaN is missing and goes right', 8, [Number.NaN, 5], 3],
  ['NaN is missing and goes left', 10, [Number.NaN, 5], 2],
  ['zero is missing and goes right', 4, [0, 5], 3],
  ['zero is missing, NaN too, and goes right', 4, [Number.NaN, 5], 3],
  ['zero is missing, and other numbers are compared', 4, [0.1, 5], 2],
])('LightGBM: %s', async (_, decision, row, answer) => {
  expect(await answersOf(lightgbm('regression', [tree(0, NESTED(decision))]), [row])).toEqual([answer])
})

test('LightGBM: the set of a split by category is a list of bits, and a missing category goes right', async () => {
  const lines =
    'num_leaves=2\nnum_cat=1\nsplit_feature=1\nthreshold=0\ndecision_type=1\nleft_child=-1\nright_child=-2\nleaf_value=1 2\ncat_boundaries=0 2\ncat_threshold=10 2'
  const rows = [
    [0, 1],
    [0, 3],
    [0, 33],
    [0, 2],
    [0, Number.NaN],
  ]
  expect(await answersOf(lightgbm('regression', [tree(0, lines)]), rows)).toEqual([1, 1, 1, 2, 2])
})

test('LightGBM: objectives turn sums into answers, and a forest takes the mean', async () => {
  const one = (value: number, at: number) => tree(at, `num_leaves=1\nnum_cat=0\nleaf_value=${value}`)
  const both = [one(1, 0), one(3, 1)]
  const answer = (objective: string, more?: string, scores?: number, output?: string) =>
    answersOf(lightgbm(objective, both, more, scores), [[0, 0]], output)
  expect((await answer('poisson'))[0]).toBeCloseTo(Math.exp(4), 3)
  expect(await answer('regression', 'average_output\n')).toEqual([2])
  const sigmoid = 1 / (1 + Math.exp(-0.5 * 4))
  const [no, yes] = await answer('binary sigmoid:0.5', '', 1, 'probabilities')
  expect([no, yes]).toEqual([expect.closeTo(1 - sigmoid, 5), expect.closeTo(sigmoid, 5)])
  const second = Math.exp(3) / (Math.exp(1) + Math.exp(3))
  expect((await answer('multiclass num_class:2', '', 2, 'probabilities'))[1]).toBeCloseTo(second, 5)
})

const fieldsOf = (target: string) =>
  `<DataDictionary><DataField name="t" optype="continuous" dataType="double"/><DataField name="load" optype="continuous" dataType="double"/>${target}</DataDictionary>`
const VALUE = '<DataField name="y" optype="continuous" dataType="double"/>'
const CLASS =
  '<DataField name="y" optype="categorical" dataType="string"><Value value="good"/><Value value="bad"/></DataField>'
const SCHEMA =
  '<MiningSchema><MiningField name="t"/><MiningField name="load"/><MiningField name="y" usageType="target"/></MiningSchema>'
const pmml = (model: string, target = VALUE) =>
  `<?xml version="1.0"?>\n<PMML xmlns="http://www.dmg.org/PMML-4_4" version="4.4"><Header><Application name="by hand"/></Header>${fieldsOf(target)}${model}</PMML>`
const when = (field: string, operator: string, value: number) =>
  `<SimplePredicate field="${field}" operator="${operator}" value="${value}"/>`
const treeModel = (attributes: string, nodes: string, name = 'regression') =>
  `<TreeModel functionName="${name}" ${attributes}>${SCHEMA}<Node id="0" score="5"><True/>${nodes}</Node></TreeModel>`
const SPLIT = `<Node id="1" score="1">${when('t', 'lessThan', 10)}</Node><Node id="2" score="2">${when('t', 'greaterOrEqual', 10)}</Node>`

test('PMML: the first true child answers, and both sides of a threshold are right', async () => {
  expect(
    await answersOf(pmml(treeModel('', SPLIT)), [
      [9.5, 0],
      [10, 0],
    ]),
  ).toEqual([1, 2])
  const others = `<Node score="1">${when('t', 'lessThan', 10)}</Node><Node score="2">${when('load', 'greaterThan', 3)}</Node>`
  const rows = [
    [0, 9],
    [11, 9],
    [11, 3],
  ]
  const last = pmml(treeModel('noTrueChildStrategy="returnLastPrediction"', others))
  expect(await answersOf(last, rows)).toEqual([1, 2, 5])
  expect(await answersOf(pmml(treeModel('', others)), rows)).toEqual([1, 2, Number.NaN])
})

// [PMML 4.4, TreeModel, missingValueStrategy]
test.each([
  ['', Number.NaN],
  ['noTrueChildStrategy="returnLastPrediction"', 5],
  ['missingValueStrategy="lastPrediction"', 5],
  ['missingValueStrategy="nullPrediction"', Number.NaN],
  ['missingValueStrategy="defaultChild"', Number.NaN],
])('PMML: a missing value with %s gives %s', async (attributes, answer) => {
  expect(
    await answersOf(pmml(treeModel(attributes, SPLIT)), [
      [Number.NaN, 0],
      [0, 0],
    ]),
  ).toEqual([answer, 1])
})

test('PMML: a missing value goes to the default child, and a condition can want it', async () => {
  const model = treeModel('missingValueStrategy="defaultChild"', SPLIT).replace('id="0"', 'id="0" defaultChild="2"')
  expect(await answersOf(pmml(model), [[Number.NaN, 0]])).toEqual([2])
  const wanted = `<Node score="7"><SimplePredicate field="t" operator="isMissing"/></Node><Node score="8"><SimplePredicate field="t" operator="isNotMissing"/></Node>`
  expect(
    await answersOf(pmml(treeModel('', wanted)), [
      [Number.NaN, 0],
      [-1e30, 0],
    ]),
  ).toEqual([7, 8])
})

const forest = (method: string, trees: string[], name = 'regression') =>
  `<MiningModel functionName="${name}">${SCHEMA}<Segmentation multipleModelMethod="${method}">${trees.map((one, at) => `<Segment weight="${at + 1}"><True/>${one}</Segment>`).join('')}</Segmentation></MiningModel>`

test.each([
  ['sum', 10],
  ['average', 5],
  ['weightedAverage', 5],
])('PMML: a forest takes the %s of its trees', async (method, answer) => {
  const leaf = treeModel('', '')
  expect(await answersOf(pmml(forest(method, [leaf, leaf])), [[0, 0]])).toEqual([answer])
})

const counts = (good: number, bad: number) =>
  `<ScoreDistribution value="good" recordCount="${good}"/><ScoreDistribution value="bad" recordCount="${bad}"/>`
const classTree = (good: number, bad: number) =>
  `<TreeModel functionName="classification">${SCHEMA}<Node score="${good > bad ? 'good' : 'bad'}"><True/>${counts(good, bad)}</Node></TreeModel>`

test('PMML: classes have the shares of their leaves, or the votes of their trees', async () => {
  const trees = [classTree(3, 1), classTree(1, 4), classTree(9, 1)]
  const shares = (method: string) =>
    answersOf(pmml(forest(method, trees, 'classification'), CLASS), [[0, 0]], 'probabilities')
  const mean = (0.75 + 0.2 + 0.9) / 3
  expect(await shares('average')).toEqual([expect.closeTo(mean, 5), expect.closeTo(1 - mean, 5)])
  expect(await shares('majorityVote')).toEqual([expect.closeTo(2 / 3, 5), expect.closeTo(1 / 3, 5)])
})

const table = (attributes: string, terms = '') => `<RegressionTable ${attributes}>${terms}</RegressionTable>`
const TERMS = '<NumericPredictor name="t" coefficient="2"/><NumericPredictor name="load" coefficient="-1"/>'

test('PMML: regressions are sums, and the first class of a logit has the probability of its table', async () => {
  const linear = `<RegressionModel functionName="regression">${SCHEMA}${table('intercept="0.5"', TERMS)}</RegressionModel>`
  expect(await answersOf(pmml(linear), [[1, 2]])).toEqual([0.5])
  const tables = table('targetCategory="good" intercept="0.5"', TERMS) + table('targetCategory="bad" intercept="0"')
  const logit = `<RegressionModel functionName="classification" normalizationMethod="logit">${SCHEMA}${tables}</RegressionModel>`
  const good = 1 / (1 + Math.exp(-0.5))
  const found = await answersOf(pmml(logit, CLASS), [[1, 2]], 'probabilities')
  expect(found).toEqual([expect.closeTo(good, 5), expect.closeTo(1 - good, 5)])
  const many = logit.replace('"logit"', '"softmax"')
  expect((await answersOf(pmml(many, CLASS), [[1, 2]], 'probabilities'))[0]).toBeCloseTo(good, 5)
})

const neuron = (id: string, bias: number, ...connections: (readonly [string, number])[]) =>
  `<Neuron id="${id}" bias="${bias}">${connections.map(([from, weight]) => `<Con from="${from}" weight="${weight}"/>`).join('')}</Neuron>`

const output = (id: string, expression: string) =>
  `<NeuralOutput outputNeuron="${id}"><DerivedField optype="continuous" dataType="double">${expression}</DerivedField></NeuralOutput>`

const line = (field: string, points: readonly (readonly [number, number])[]) =>
  `<NormContinuous field="${field}">${points.map(([orig, norm]) => `<LinearNorm orig="${orig}" norm="${norm}"/>`).join('')}</NormContinuous>`

/** Two inputs, of which one is scaled, two hidden neurons, and an output for the value or for each class. */
function network(functionName: 'regression' | 'classification'): string {
  const input = (id: string, expression: string) =>
    `<NeuralInput id="${id}"><DerivedField optype="continuous" dataType="double">${expression}</DerivedField></NeuralInput>`
  const inputs =
    input(
      'i1',
      line('t', [
        [0, 0],
        [10, 1],
      ]),
    ) + input('i2', '<FieldRef field="load"/>')
  const hidden = neuron('h1', 0.5, ['i1', 2], ['i2', -1]) + neuron('h2', 0, ['i2', 1])
  const isClassifier = functionName === 'classification'
  const last = isClassifier
    ? neuron('bad', 0.25, ['h2', 1]) + neuron('good', 0, ['h1', 1], ['h2', 3])
    : neuron('o', 0.25, ['h1', 1], ['h2', 3])
  const discrete = (name: string) => output(name, `<NormDiscrete field="y" value="${name}"/>`)
  const outputs = isClassifier
    ? discrete('bad') + discrete('good')
    : output(
        'o',
        line('y', [
          [100, 0],
          [200, 1],
        ]),
      )
  const method = isClassifier ? 'softmax' : 'none'
  return `<NeuralNetwork functionName="${functionName}" activationFunction="tanh">${SCHEMA}<NeuralInputs>${inputs}</NeuralInputs><NeuralLayer>${hidden}</NeuralLayer><NeuralLayer activationFunction="identity" normalizationMethod="${method}">${last}</NeuralLayer><NeuralOutputs>${outputs}</NeuralOutputs></NeuralNetwork>`
}

test('PMML: a neural network scales its inputs and its answer, and orders its outputs as the classes', async () => {
  const [h1, h2] = [Math.tanh(0.5 + 2 * 0.3 - 2), Math.tanh(2)]
  const value = 0.25 + h1 + 3 * h2
  expect(await answersOf(pmml(network('regression')), [[3, 2]])).toEqual([expect.closeTo(100 + 100 * value, 3)])
  const [good, bad] = [Math.exp(h1 + 3 * h2), Math.exp(0.25 + h2)]
  const found = await answersOf(pmml(network('classification'), CLASS), [[3, 2]], 'probabilities')
  expect(found).toEqual([expect.closeTo(good / (good + bad), 5), expect.closeTo(bad / (good + bad), 5)])
})

const refusal = (text: string) => {
  const converted = convertModel(Buffer.from(text))
  return converted.ok ? 'converted' : `${converted.code}: ${converted.message}`
}

test.each([
  ['an entity bomb', '<!DOCTYPE p [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><PMML/>', 'document type'],
  ['an external entity', '<!DOCTYPE p SYSTEM "file:///etc/passwd"><PMML/>', 'document type'],
  ['an entity that nobody defined', '<PMML version="&b;"/>', 'entity &b;'],
  ['a cut file', pmml(treeModel('', SPLIT)).slice(0, -7), 'the file was cut'],
  ['a deep file', `<PMML>${'<a>'.repeat(1_000)}`, 'nests more than 512'],
  ['two roots', '<PMML/><PMML/>', 'two roots'],
  ['another document', '<html></html>', 'not PMML'],
  ['a support vector machine', pmml('<SupportVectorMachineModel functionName="regression"/>'), 'VectorMachineModel'],
  [
    'a network without layers',
    pmml(`<NeuralNetwork functionName="regression">${SCHEMA}</NeuralNetwork>`),
    'NeuralLayer',
  ],
  ['another activation', pmml(network('regression').replaceAll('"tanh"', '"Gauss"')), '"Gauss"'],
  ['a connection over a layer', pmml(network('regression').replace('from="h1"', 'from="i1"')), 'the layer before'],
  [
    'a column that is not there',
    pmml(treeModel('', `<Node>${when('speed', 'lessThan', 1)}</Node>`)),
    '"speed" is not active',
  ],
  ['a model chain', pmml(forest('modelChain', [treeModel('', '')])), '"modelChain"'],
  ['a class that is no value', pmml(classTree(1, 2).replaceAll('value="bad"', 'value="worse"'), CLASS), '"worse"'],
  [
    'a field of texts',
    pmml(treeModel('', SPLIT)).replace(
      'name="t" optype="continuous" dataType="double"',
      'name="t" optype="categorical" dataType="string"',
    ),
    'the field "t" of texts',
  ],
  [
    'a compound condition',
    pmml(treeModel('', '<Node score="1"><CompoundPredicate booleanOperator="and"/></Node>')),
    '"CompoundPredicate"',
  ],
  [
    'too many children',
    pmml(treeModel('', `<Node score="1">${when('t', 'equal', 1)}</Node>`.repeat(1_001))),
    'more than 1000 children',
  ],
  ['a cut text of LightGBM', lightgbm('regression', [tree(0, NESTED(2))]).slice(0, 300), 'the file was cut'],
  ['another objective', lightgbm('cross_entropy', [tree(0, NESTED(2))]), '"cross_entropy" of LightGBM'],
  [
    'a circle',
    lightgbm('regression', [tree(0, NESTED(2).replace('left_child=1 -1', 'left_child=1 0'))]),
    'two parents',
  ],
  [
    'too few leaves',
    lightgbm('regression', [tree(0, NESTED(2).replace('leaf_value=1 2 3', 'leaf_value=1 2'))]),
    'leaf_value must have 3',
  ],
  [
    'linear leaves',
    lightgbm('regression', [tree(0, NESTED(2))]).replace('is_linear=0', 'is_linear=1'),
    'linear leaves',
  ],
])('%s is refused by name', (_, text, message) => {
  expect(refusal(text)).toContain(message)
})
