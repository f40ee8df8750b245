/** Flow shape: what a signal of a flow is. */
export type FlowShape =
  | { kind: 'number' }
  | { kind: 'text' }
  | { kind: 'vector'; length: number }
  /** At most `samples` rows; exactly so many where it is told only when full. */
  | { kind: 'window'; samples: number; isExact: boolean; columns: number }
  /** The picture of a camera, and what a model is given of one: neither leaves the device. */
  | { kind: 'image'; channels: 1 | 3 }
  | { kind: 'tensor'; shape: readonly number[] }
  /** Tensors of a model as they are, and of how many pictures. They stay here, too: of some models they are a picture. */
  | { kind: 'answer'; tensors: number; pictures: number }
  /** What was found in a picture. */
  | { kind: 'detections' }

export const NUMBER: FlowShape = { kind: 'number' }

/** How many numbers it holds. */
export const widthOf = (shape: FlowShape): number => (shape.kind === 'vector' ? shape.length : 1)

export const numbers = (length: number): FlowShape => (length === 1 ? NUMBER : { kind: 'vector', length })
