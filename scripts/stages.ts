/** Stages: the parts of a long script, one after the other. Each prints a line when it begins, and its time at its end. */

export type Stage = { name: string; run(): Promise<unknown> | unknown }

type Paper = { write(text: string): unknown }

/** Ends at the first stage that fails, and names it. */
export async function runStages(
  stages: readonly Stage[],
  paper: Paper,
  nowMs = () => performance.now(),
): Promise<void> {
  const beganMs = nowMs()
  for (const [index, { name, run }] of stages.entries()) {
    paper.write(`[${index + 1}/${stages.length}] ${name} ...\n`)
    const startMs = nowMs()
    try {
      await run()
    } catch (cause) {
      throw new Error(`stage ${index + 1} of ${stages.length} failed: ${name}`, { cause })
    }
    paper.write(`${' '.repeat(`[${index + 1}/${stages.length}] `.length)}${secondsText(nowMs() - startMs)}\n`)
  }
  paper.write(`all ${stages.length} stages: ${secondsText(nowMs() - beganMs)}\n`)
}

const secondsText = (ms: number) => `${(ms / 1_000).toFixed(1)} s`
