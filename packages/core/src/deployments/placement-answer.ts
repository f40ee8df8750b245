/** Placement answer: the answer of one placement check. */

/** `code` says programs what `detail` says people. */
export type PlacementAnswer = { code: string; detail: string } | { passed: true; detail: string }

export const passed = (detail: string): PlacementAnswer => ({ passed: true, detail })
