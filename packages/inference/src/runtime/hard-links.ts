/**
 * Hard links: onnxruntime loads a model whose weights lie in files with several names, unless a tensor of a subgraph (of `If`,
 * `Loop` or `Scan`) lies in one. Its checker takes that for an attack. A file that hub or agent laid out is a name of a blob.
 */

/** Whether a model was rejected because a file beside it has several names. The words are those of onnxruntime 1.30. */
export const needsOwnFiles = (answer: { ok: boolean; message?: string }): boolean =>
  !answer.ok && (answer.message?.includes('has multiple hard links') ?? false)
