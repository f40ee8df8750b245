/**
 * Tag sample: the newest values of the watched tags of a source as one row. A tag is sampled once a second, whatever its rate
 * is: so a value counts as long as it holds, and a source that sends changes only is stuck if it sends none.
 */
import type { Watch } from '@skerry/contract/held/monitors'
import { sourceIn } from '@skerry/contract/monitors/subject'
import type { TagValue } from '@skerry/contract/sources/tag'
import type { RawTensor } from '@skerry/inference/host/raw-tensor'

/** The newest value of a tag; undefined if there is none yet. */
export type NewestTag = (source: string, tag: string) => TagValue | undefined

/** Empty for the watch of a model. A tag without a value yet has no column, and a picture or list neither. */
export function sampleOf({ model, features }: Pick<Watch, 'model' | 'features'>, newest: NewestTag): RawTensor[] {
  const source = sourceIn(model)
  if (source === undefined) return []
  return features.flatMap(({ tensor }) => {
    const value = newest(source, tensor)
    return (value && columnOf(tensor, value)) ?? []
  })
}

/** A bad value counts as missing. */
function columnOf(name: string, tag: TagValue): RawTensor | undefined {
  if (tag.quality === 'bad') return numberColumn(name, Number.NaN)
  const { value } = tag
  if (typeof value === 'string') return textColumn(name, value)
  return typeof value === 'object' ? undefined : numberColumn(name, Number(value))
}

const numberColumn = (name: string, value: number): RawTensor => ({
  name,
  datatype: 'FP64',
  shape: [1],
  data: new Uint8Array(Float64Array.of(value).buffer),
})

function textColumn(name: string, text: string): RawTensor {
  const bytes = new TextEncoder().encode(text)
  const data = new Uint8Array(4 + bytes.byteLength)
  new DataView(data.buffer).setUint32(0, bytes.byteLength, true)
  data.set(bytes, 4)
  return { name, datatype: 'BYTES', shape: [1], data }
}
