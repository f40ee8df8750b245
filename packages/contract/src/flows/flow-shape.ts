/** Flow shape: the shape of a signal of a flow. */
export type FlowShape =
  | { kind: 'number' }
  | { kind: 'text' }
  | { kind: 'vector'; length: number }
  /** At most `samples` rows; exactly this number if it is emitted only when full. */
  | { kind: 'window'; samples: number; isExact: boolean; columns: number }
  /** The picture of a camera, and the input of a model made from one: neither leaves the device. */
  | { kind: 'image'; channels: 1 | 3 }
  | { kind: 'tensor'; shape: readonly number[] }
  /**
   * Tensors of a model as they are, and the number of their pictures. These stay on the device, too: of some models
   * they are a picture.
   */
  | { kind: 'answer'; tensors: number; pictures: number }
  /** The objects that were found in a picture. */
  | { kind: 'detections' }

export const NUMBER: FlowShape = { kind: 'number' }

/** How many numbers it holds. */
export const widthOf = (shape: FlowShape): number => (shape.kind === 'vector' ? shape.length : 1)

export const numbers = (length: number): FlowShape => (length === 1 ? NUMBER : { kind: 'vector', length })
