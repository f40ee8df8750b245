/**
 * Source parsing: what a source says, from the text of its file. 10,000 tags take a tenth of a second, in which nobody else is served, and leave 11 MB behind, which
 * the collector hardly gives back: what is large is parsed in a thread that ends with it.
 */
import { Worker } from 'node:worker_threads'
import { Source } from '@skerry/contract/sources/source'
import { type ParsedText, parseText } from '@skerry/contract/values/parse-text'
import { whenThreadEnds } from '@skerry/platform/process/supervise'

/** Some 2,000 tags: below it a thread costs more than it spares. */
const TEXT_MAX = 262_144

const THREAD = new URL(`./source-parsing-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)

/** The message names the first thing that is wrong. Rejects where the text is no JSON. */
export async function parseSource(text: string): Promise<ParsedText<Source>> {
  if (text.length <= TEXT_MAX) return parseText(Source, text)
  const thread = new Worker(THREAD, { workerData: text })
  let parsed: ParsedText<Source> | undefined
  thread.on('message', (said: ParsedText<Source>) => {
    parsed = said
  })
  const message = await whenThreadEnds(thread)
  if (!parsed) throw new Error(message)
  return parsed
}
