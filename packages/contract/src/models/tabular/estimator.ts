/**
 * Estimator: the public fitted attributes of a scikit-learn estimator, as the Python client writes them. The hub makes an
 * ONNX model of it, so that neither side needs a converter.
 */
import * as z from 'zod'

/** A table with more columns is no table that a person keeps. */
export const COLUMNS_MAX = 100_000

/** ImageNet has a thousand classes; a table has tens. */
export const CLASSES_MAX = 10_000

/** Forests have hundreds of trees; boosting has some thousands. */
export const TREES_MAX = 100_000

/** Scalers before the model. */
const STEPS_MAX = 16

const row = z.array(z.number()).max(COLUMNS_MAX)

/** x − subtract, then ÷ divide, then × multiply, then + add; each has a number for each column. In 64 bits. */
export const AffineStep = z.strictObject({
  step: z.literal('affine'),
  subtract: row.optional(),
  divide: row.optional(),
  multiply: row.optional(),
  add: row.optional(),
})
export type AffineStep = z.infer<typeof AffineStep>

/**
 * From the raw scores to the answers. none: values. exp: e to the score. sigmoid: the probability of the second class of
 * two. softmax: of all classes. shares: each score is a probability. ovr: a sigmoid for each class, divided by their sum.
 */
export const Link = z.enum(['none', 'exp', 'sigmoid', 'softmax', 'shares', 'ovr'])
export type Link = z.infer<typeof Link>

const LinearModel = z.strictObject({
  kind: z.literal('linear'),
  /** One row for each score. */
  coefficients: z.array(row).min(1).max(CLASSES_MAX),
  intercepts: z.array(z.number()).min(1).max(CLASSES_MAX),
  link: Link,
})

/** In the order of scikit-learn's `tree_`: a leaf has -1 as its children. A row goes left if `x <= threshold`. */
const EstimatorTree = z.strictObject({
  left: z.array(z.int().min(-1)).min(1),
  right: z.array(z.int().min(-1)).min(1),
  feature: z.array(z.int()).min(1),
  threshold: z.array(z.number()).min(1),
  missingLeft: z.array(z.int().min(0).max(1)).min(1),
  /** The scores of each node; only leaves count. */
  values: z.array(z.array(z.number()).min(1)).min(1),
  /** The score to which a tree with one value adds; 0 if absent. */
  target: z.int().min(0).max(CLASSES_MAX).optional(),
})
export type EstimatorTree = z.infer<typeof EstimatorTree>

const TreesModel = z.strictObject({
  kind: z.literal('trees'),
  trees: z.array(EstimatorTree).min(1).max(TREES_MAX),
  /** Every value is multiplied by it: the learning rate, or one divided by the number of trees. */
  factor: z.number(),
  /** The scores before the first tree. */
  base: z.array(z.number()).min(1).max(CLASSES_MAX),
  link: Link,
})

const NetworkModel = z.strictObject({
  kind: z.literal('network'),
  /** weights: a row for each input of the layer. */
  layers: z
    .array(z.strictObject({ weights: z.array(row).min(1), bias: row.min(1) }))
    .min(1)
    .max(64),
  activation: z.enum(['identity', 'logistic', 'tanh', 'relu']),
  link: Link,
})

export const Estimator = z.strictObject({
  format: z.literal('skerry-estimator'),
  v: z.literal(1),
  /** Such as `scikit-learn 1.4.2`. */
  framework: z.string().min(1).max(200),
  /** Such as `RandomForestClassifier`. */
  estimator: z.string().min(1).max(500),
  features: z.int().min(1).max(COLUMNS_MAX),
  steps: z.array(AffineStep).max(STEPS_MAX),
  model: z.discriminatedUnion('kind', [LinearModel, TreesModel, NetworkModel]),
  /** Of a classifier, in the order of its scores. */
  classes: z
    .array(z.union([z.int(), z.string().max(200)]))
    .min(2)
    .max(CLASSES_MAX)
    .optional(),
})
export type Estimator = z.infer<typeof Estimator>
