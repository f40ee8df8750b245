/** All rules by their operator. */

import { clip } from './activations/clip.ts'
import { elu } from './activations/elu.ts'
import { erf } from './activations/erf.ts'
import { gelu } from './activations/gelu.ts'
import { hardSigmoid } from './activations/hard-sigmoid.ts'
import { hardSwish } from './activations/hard-swish.ts'
import { leakyRelu } from './activations/leaky-relu.ts'
import { logSoftmax } from './activations/log-softmax.ts'
import { pRelu } from './activations/p-relu.ts'
import { relu } from './activations/relu.ts'
import { sigmoid } from './activations/sigmoid.ts'
import { softmax } from './activations/softmax.ts'
import { softplus } from './activations/softplus.ts'
import { tanh } from './activations/tanh.ts'
import { abs } from './arithmetic/abs.ts'
import { add } from './arithmetic/add.ts'
import { div } from './arithmetic/div.ts'
import { exp } from './arithmetic/exp.ts'
import { max, min } from './arithmetic/larger.ts'
import { log } from './arithmetic/log.ts'
import { mul } from './arithmetic/mul.ts'
import { neg } from './arithmetic/neg.ts'
import { pow } from './arithmetic/pow.ts'
import { reciprocal } from './arithmetic/reciprocal.ts'
import { reduceMean, reduceSum } from './arithmetic/reduce.ts'
import { sqrt } from './arithmetic/sqrt.ts'
import { sub } from './arithmetic/sub.ts'
import { comparisons, constantOfShape, not, range, shape } from './constants/shape.ts'
import { averagePool } from './convolution/average-pool.ts'
import { conv } from './convolution/conv.ts'
import { convTranspose } from './convolution/conv-transpose.ts'
import { globalAveragePool } from './convolution/global-average-pool.ts'
import { globalMaxPool } from './convolution/global-max-pool.ts'
import { maxPool } from './convolution/max-pool.ts'
import { cast } from './layout/cast.ts'
import { concat } from './layout/concat.ts'
import { expand } from './layout/expand.ts'
import { gather } from './layout/gather.ts'
import { dropout, identity } from './layout/identity.ts'
import { pad } from './layout/pad.ts'
import { flatten, reshape, squeeze, unsqueeze } from './layout/reshape.ts'
import { slice } from './layout/slice.ts'
import { split } from './layout/split.ts'
import { transpose } from './layout/transpose.ts'
import { where } from './layout/where.ts'
import { batchNormalization } from './normalisation/batch-normalization.ts'
import { groupNormalization, instanceNormalization } from './normalisation/group-normalization.ts'
import { layerNormalization } from './normalisation/layer-normalization.ts'
import { gemm } from './products/gemm.ts'
import { matMul } from './products/mat-mul.ts'
import { gru } from './recurrent/gru.ts'
import { lstm } from './recurrent/lstm.ts'
import { rnn } from './recurrent/rnn.ts'
import type { Rule } from './rule.ts'

/** The rules in the families of the documentation. */
export const ruleFamilies: Readonly<Record<string, readonly Rule[]>> = {
  products: [gemm, matMul],
  'convolutions and pools': [conv, convTranspose, maxPool, averagePool, globalAveragePool, globalMaxPool],
  activations: [
    ...[relu, leakyRelu, pRelu, elu, sigmoid, hardSigmoid, tanh, softplus],
    ...[erf, gelu, hardSwish, clip, softmax, logSoftmax],
  ],
  arithmetic: [add, sub, mul, div, pow, max, min, neg, abs, exp, log, sqrt, reciprocal, reduceSum, reduceMean],
  normalisations: [batchNormalization, layerNormalization, groupNormalization, instanceNormalization],
  layout: [
    ...[reshape, flatten, squeeze, unsqueeze, transpose, concat, split, slice, pad, gather, expand],
    ...[where, identity, dropout, cast],
  ],
  recurrent: [lstm, gru, rnn],
  'shapes and conditions, without a gradient': [shape, constantOfShape, range, not, ...comparisons],
}

export const rules: ReadonlyMap<string, Rule> = new Map(
  Object.values(ruleFamilies)
    .flat()
    .map((rule) => [rule.operator, rule]),
)
