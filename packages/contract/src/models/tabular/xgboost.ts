/**
 * XGBoost: the part of its JSON model that decides an answer [XGBoost 3.0, doc/model.schema]. Other fields are statistics
 * of the training.
 */
import * as z from 'zod'
import { COLUMNS_MAX, TREES_MAX } from './estimator.ts'

/** XGBoost writes figures of its parameters as text. */
const figure = z.union([z.string(), z.number()]).transform(Number)

/** XGBoost writes a flag as a number or a boolean. */
const flag = z.union([z.boolean(), z.int().min(0).max(1)]).transform(Boolean)

const integers = z.array(z.int()).default([])

export const XgboostTree = z.object({
  left_children: z.array(z.int().min(-1)).min(1),
  right_children: z.array(z.int().min(-1)).min(1),
  split_indices: z.array(z.int().min(0)).min(1),
  /** The threshold of a split, and the value of a leaf. A split by category has none. */
  split_conditions: z.array(z.number().nullable()).min(1),
  default_left: z.array(flag).min(1),
  /** 1: the split is by category. */
  split_type: z.array(z.int().min(0).max(1)).default([]),
  categories: integers,
  categories_nodes: integers,
  categories_segments: integers,
  categories_sizes: integers,
  tree_param: z.object({ size_leaf_vector: figure.default(0) }).default({ size_leaf_vector: 0 }),
})
export type XgboostTree = z.infer<typeof XgboostTree>

const TreeBooster = z.object({
  trees: z.array(XgboostTree).min(1).max(TREES_MAX),
  /** The score to which each tree adds. */
  tree_info: z.array(z.int().min(0)),
})

const Booster = z.discriminatedUnion('name', [
  z.object({ name: z.literal('gbtree'), model: TreeBooster }),
  z.object({ name: z.literal('dart'), gbtree: z.object({ model: TreeBooster }), weight_drop: z.array(z.number()) }),
  z.object({ name: z.literal('gblinear'), model: z.object({ weights: z.array(z.number()) }) }),
])

export const Xgboost = z.object({
  version: z.array(z.int()).min(1),
  learner: z.object({
    learner_model_param: z.object({
      base_score: z.union([z.string(), z.number()]),
      num_class: figure,
      num_feature: figure.pipe(z.int().min(1).max(COLUMNS_MAX)),
      num_target: figure.default(1),
    }),
    gradient_booster: Booster,
    objective: z.object({ name: z.string().max(100) }),
  }),
})
export type Xgboost = z.infer<typeof Xgboost>
