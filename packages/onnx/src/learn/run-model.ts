/** Run model: the one door to a runtime, which this package does not have. */

export type Feed =
  | { type: 'float32'; data: Float32Array; dims: readonly number[] }
  | { type: 'int64'; data: BigInt64Array; dims: readonly number[] }

/** Runs a model on these inputs. The answer has its outputs of floats. */
export type RunModel = (
  model: Uint8Array,
  feeds: Readonly<Record<string, Feed>>,
) => Promise<Readonly<Record<string, Float32Array>>>
