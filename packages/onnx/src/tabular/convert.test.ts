import { expect, test } from 'vitest'
import { convertModel } from './convert.ts'

const convert = (document: unknown) => convertModel(Buffer.from(JSON.stringify(document)))

const tree = {
  left_children: [1, -1, -1],
  right_children: [2, -1, -1],
  split_indices: [0, 0, 0],
  split_conditions: [0.5, -1, 1],
  default_left: [0, 0, 0],
}
const xgboost = (change: object = {}, objective = 'reg:squarederror', treeChange: object = {}) => ({
  version: [3, 0, 0],
  learner: {
    learner_model_param: { base_score: '5E-1', num_class: '0', num_feature: '2', num_target: '1' },
    gradient_booster: { name: 'gbtree', model: { trees: [{ ...tree, ...treeChange }], tree_info: [0] } },
    objective: { name: objective },
    ...change,
  },
})

const estimator = (change: object = {}) => ({
  format: 'skerry-estimator',
  v: 1,
  framework: 'scikit-learn 1.4.2',
  estimator: 'Ridge',
  features: 2,
  steps: [],
  model: { kind: 'linear', coefficients: [[1, 2]], intercepts: [0], link: 'none' },
  ...change,
})

test('a model says what it was, and what it takes and gives', () => {
  expect(convert(xgboost())).toMatchObject({
    ok: true,
    value: {
      form: 'xgboost-json',
      framework: 'XGBoost 3.0.0',
      what: 'reg:squarederror, 1 trees',
      inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 2] }],
      outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, 1] }],
    },
  })
  expect(convert(estimator())).toMatchObject({ ok: true, value: { what: 'Ridge', form: 'estimator' } })
})

test('the same model gives the same bytes', () => {
  const [a, b] = [convert(xgboost()), convert(xgboost())]
  expect(a.ok && b.ok && Buffer.compare(a.value.bytes, b.value.bytes)).toBe(0)
})

const unsupported = 'model_form_unsupported'
const invalid = 'model_form_invalid'

test.each([
  ['another objective', xgboost({}, 'survival:cox'), unsupported, 'survival:cox'],
  [
    'a linear booster',
    xgboost({ gradient_booster: { name: 'gblinear', model: { weights: [] } } }),
    unsupported,
    'gblinear',
  ],
  [
    'several values a leaf',
    xgboost({}, undefined, { tree_param: { size_leaf_vector: '2' } }),
    unsupported,
    'several values',
  ],
  [
    'a circle',
    xgboost({}, undefined, { left_children: [1, 0, -1], right_children: [2, 2, -1] }),
    invalid,
    'two parents',
  ],
  ['a child that is missing', xgboost({}, undefined, { right_children: [9, -1, -1] }), invalid, 'missing'],
  ['a node with one child', xgboost({}, undefined, { right_children: [-1, -1, -1] }), invalid, 'one child'],
  ['a column that is not there', xgboost({}, undefined, { split_indices: [7, 0, 0] }), invalid, 'column 7'],
  ['no threshold', xgboost({}, undefined, { split_conditions: [null, 1, 1] }), invalid, 'no split condition'],
  ['a category split without categories', xgboost({}, undefined, { split_type: [1, 0, 0] }), invalid, 'no categories'],
  [
    'a score that is not there',
    xgboost({ gradient_booster: { name: 'gbtree', model: { trees: [tree], tree_info: [3] } } }),
    invalid,
    'score 3',
  ],
  ['other coefficients', estimator({ features: 3 }), invalid, 'rows of 3'],
  ['other classes', estimator({ classes: ['a', 'b'] }), invalid, '2 classes, and 1'],
  ['a step of another width', estimator({ steps: [{ step: 'affine', add: [1] }] }), invalid, 'steps.0.add'],
  ['a field that nobody knows', estimator({ more: 1 }), invalid, 'more'],
  ['another document', { hello: 1 }, unsupported, 'none of XGBoost'],
  ['a number', 7, unsupported, 'none of XGBoost'],
] as const)('%s is refused by name', (_, document, code, message) => {
  expect(convert(document)).toMatchObject({ ok: false, code, message: expect.stringContaining(message) })
})

test.each([
  ['a pickle', Buffer.from([0x80, 4, 0x95, 0]), unsupported, 'pickle'],
  ['an archive', Buffer.from('PK\u0003\u0004'), unsupported, 'archive'],
  ['UBJSON that is cut', Buffer.from('{L\0\0'), invalid, 'UBJSON'],
  ['nothing', Buffer.alloc(0), invalid, 'no JSON'],
  ['bytes that are no text', Buffer.from([0xff, 0xfe]), invalid, 'no JSON'],
  ['a deep nest', Buffer.from('['.repeat(50_000)), invalid, 'no JSON'],
] as const)('%s is refused', (_, bytes, code, message) => {
  expect(convertModel(bytes)).toMatchObject({ ok: false, code, message: expect.stringContaining(message) })
})

test('the thresholds of splits by category, which XGBoost writes as NaN, are no error', () => {
  const categories = { categories: [1, 3], categories_nodes: [0], categories_segments: [0], categories_sizes: [2] }
  const text = JSON.stringify(xgboost({}, undefined, { split_type: [1, 0, 0], ...categories })).replace(
    '[0.5,',
    '[NaN,',
  )
  expect(text).toContain('NaN')
  expect(convertModel(Buffer.from(text)).ok).toBe(true)
})
