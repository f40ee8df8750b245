/** Refuses a model that is in fewer bits already: its weights have lost what another rounding would need. */
import { bodies } from '../body.ts'
import { rejectModel } from '../refusal.ts'
import { changeOf, type Pass } from './pass.ts'

/** [ONNX operators; com.microsoft] Those that read or make numbers of eight or four bits. */
const QUANTISED =
  /^(QuantizeLinear|DequantizeLinear|DynamicQuantize\w+|QLinear\w+|QGemm|QAttention|QEmbed\w+|MatMulInteger\w*|ConvInteger|MatMulNBits|MatMulBnb4|GatherBlockQuantized)$/

export const refuseQuantised: Pass = {
  name: 'refuse-quantised',
  apply(model) {
    for (const { nodes } of bodies(model)) {
      const found = nodes.find(({ opType }) => QUANTISED.test(opType))
      if (!found) continue
      const { node } = changeOf(found)
      return rejectModel(
        'model_operator_unsupported',
        `the model is quantised already, as ${node} shows; optimise the float model that it was made from`,
      )
    }
    return undefined
  },
}
