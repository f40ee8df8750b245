/** Casts of constants and inputs. A gradient passes a cast from float32 to float32 only. */
import { elementType } from '../../../element-type.ts'
import { intOf } from '../../operation.ts'
import { type Rule, unsupported } from '../rule.ts'

export const cast: Rule = {
  operator: 'Cast',
  limits: 'a gradient passes float32 only',
  infer({ operation, inputs: [x] }) {
    const datatype = elementType(intOf(operation, 'to', 0))?.datatype
    return x && datatype ? [{ datatype, shape: x.shape }] : unsupported('has a type that cannot be trained')
  },
  gradient(t, { inputs: [x = ''], outputs: [y = ''] }, dy) {
    if (t.fact(x).datatype !== t.fact(y).datatype) return unsupported('changes the type of a value that is trained')
    t.add(x, dy)
    return undefined
  },
}
