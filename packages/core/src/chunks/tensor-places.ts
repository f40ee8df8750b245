/**
 * Tensor places: the positions in an ONNX file at which the data of its large tensors begin. It reads the wire format of
 * protobuf as the bytes arrive, and knows only the path to the data: ModelProto.graph, GraphProto.initializer, and the
 * long fields of TensorProto. A file in another format has no places.
 *
 * The places are part of the cut (cutter.ts): hub and device must find the same ones in the same bytes.
 */

export type TensorPlaces = {
  /** Reads the next bytes of the file. */
  push(piece: Uint8Array): void
  /** The first place after the position, among the bytes read so far. */
  after(position: number): number | undefined
}

/** A smaller tensor shares its chunk with its neighbours, and gains nothing by a place of its own. */
const TENSOR_BYTES_MIN = 16_384

/** Some ten times the tensors of the largest models in use. A hostile file must not fill the memory. */
const PLACES_MAX = 65_536

/** [onnx.proto] The fields that lead from the model to its tensors: graph and initializer. */
const PATH = [7, 5]

/** [onnx.proto, ModelProto.ir_version] The tag that each writer sends first. */
const FIRST_BYTE = 0x08

/** A number of at most 56 bits: no file is longer, and a double still has it exactly below 2^53. */
const VARINT_BYTES_MAX = 8

type Walk = {
  position: number
  /** The ends of the open messages, outermost first. */
  ends: number[]
  /** The next byte that is not skipped. */
  resumeAt: number
  reading: 'tag' | 'length' | 'number' | 'nothing'
  field: number
  value: number
  shift: number
  places: number[]
}

export function createTensorPlaces(): TensorPlaces {
  const walk: Walk = {
    position: 0,
    ends: [],
    resumeAt: 0,
    reading: 'tag',
    field: 0,
    value: 0,
    shift: 0,
    places: [],
  }
  let next = 0
  return {
    push(piece) {
      if (walk.position === 0 && piece.length > 0 && piece[0] !== FIRST_BYTE) walk.reading = 'nothing'
      const start = walk.position
      const end = start + piece.length
      while (walk.reading !== 'nothing' && walk.resumeAt < end) {
        walk.position = walk.resumeAt
        step(walk, piece[walk.resumeAt - start] ?? 0)
      }
      walk.position = end
    },
    after(position) {
      while ((walk.places[next] ?? Number.POSITIVE_INFINITY) <= position) next += 1
      return walk.places[next]
    },
  }
}

/** Reads one byte of a tag, a length or a number. */
function step(walk: Walk, byte: number): void {
  if (walk.shift === 0 && walk.reading === 'tag') leaveEnded(walk)
  walk.value += (byte & 0x7f) * 2 ** walk.shift
  walk.shift += 7
  walk.resumeAt = walk.position + 1
  if (byte >= 0x80) {
    if (walk.shift >= 7 * VARINT_BYTES_MAX && walk.reading !== 'number') walk.reading = 'nothing'
    return
  }
  const { value, reading } = walk
  walk.value = 0
  walk.shift = 0
  if (reading === 'tag') readTag(walk, value)
  else if (reading === 'length') readLength(walk, value)
  else walk.reading = 'tag'
}

function leaveEnded({ ends, position }: Walk): void {
  while (ends.length > 0 && (ends.at(-1) ?? 0) <= position) ends.pop()
}

/** [Protocol Buffers, Encoding] The low three bits are the wire type. Groups are not in use, and end the walk. */
function readTag(walk: Walk, tag: number): void {
  const wireType = tag % 8
  walk.field = Math.floor(tag / 8)
  walk.reading = 'tag'
  if (wireType === 0) walk.reading = 'number'
  else if (wireType === 1) walk.resumeAt += 8
  else if (wireType === 2) walk.reading = 'length'
  else if (wireType === 5) walk.resumeAt += 4
  else walk.reading = 'nothing'
}

function readLength(walk: Walk, length: number): void {
  const { ends, field, resumeAt, places } = walk
  const end = resumeAt + length
  walk.reading = end > (ends.at(-1) ?? Number.MAX_SAFE_INTEGER) ? 'nothing' : 'tag'
  if (walk.reading === 'nothing') return
  if (field === PATH[ends.length]) {
    ends.push(end)
    return
  }
  walk.resumeAt = end
  if (ends.length < PATH.length || length < TENSOR_BYTES_MIN) return
  if (places.length < PLACES_MAX) places.push(resumeAt)
  else walk.reading = 'nothing'
}
