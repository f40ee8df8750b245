/** Index text: the place of an element in its tensor, such as `[0, 3]`. */
import { placeOf } from '@skerry/core/device/proof/difference-words'

export const indexText = (index: number, shape: readonly number[]): string => `[${placeOf(index, shape).join(', ')}]`
